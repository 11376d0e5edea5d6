"""What a model says where nothing is measured, to tasks that it wrote itself and to questions from elsewhere. Pure."""

from collections.abc import Callable, Iterable, Sequence

from suture.core.frozen import Frozen
from suture.core.measure.task import Task
from suture.core.teach.dataset import TrainingRow


class RehearsalSummary(Frozen):
    """Attributes:
    scoreboard: digest of the scoreboard whose anchors were shown as examples.
    written: tasks the model was asked for.
    usable: those that are tasks, unlike each other and unlike every task of the run.
    faults: answers without a verdict; with one of them the rehearsal is not final.
    """

    schema_version: int = 1
    scoreboard: str
    written: int
    usable: int
    faults: int


class Rehearsal(RehearsalSummary):
    """``rows``: the tasks it answered with a program that runs."""

    rows: tuple[TrainingRow, ...]

    @property
    def summary(self) -> RehearsalSummary:
        return RehearsalSummary.model_validate(self.model_dump(exclude={"rows"}))


class QuestionsSummary(Frozen):
    """Attributes:
    questions: digest of the questions that were asked, in order.
    asked: how many those are.
    whole: how many were answered to the end; the others are not trained on.
    """

    schema_version: int = 1
    questions: str
    asked: int
    whole: int


class Questions(QuestionsSummary):
    """``rows``: the questions with the base's own whole answers."""

    rows: tuple[TrainingRow, ...]

    @property
    def summary(self) -> QuestionsSummary:
        return QuestionsSummary.model_validate(self.model_dump(exclude={"rows"}))


def unlike(
    written: Iterable[Task], known: Sequence[Task], names_of: Callable[[Task], tuple[str, ...]]
) -> tuple[Task, ...]:
    """Keep the tasks that share no name with a task of ``known`` or with one before them. ``names_of``: the kind's."""
    taken = {name for task in known for name in names_of(task)}
    kept: list[Task] = []
    for task in written:
        if taken.isdisjoint(names := names_of(task)):
            taken.update(names)
            kept.append(task)
    return tuple(kept)
