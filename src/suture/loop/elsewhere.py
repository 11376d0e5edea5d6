"""What a repair asks and teaches besides its own tasks: questions to rehearse, and lessons of other suites."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from suture.core.errors import UsageError
from suture.core.measure.scoreboard import suite_digest
from suture.core.measure.splits import Split
from suture.core.measure.task import Task
from suture.core.plan.recipe import Recipe
from suture.core.teach.harvest_settings import HarvestSettings
from suture.core.teach.seeded import seeded_few
from suture.loop.recipe_paths import placed, placed_question_sources
from suture.suites.catalog import load_suite
from suture.suites.questions import FROM_CODE, load_questions
from suture.suites.unlike import unlike


@dataclass(frozen=True)
class FromElsewhere:
    """Attributes:
    questions: what the base is asked, without being measured.
    lessons: tasks with references.
    """

    questions: tuple[Task, ...] = ()
    lessons: tuple[Task, ...] = ()

    @property
    def questions_digest(self) -> str:
        return suite_digest(task.digest for task in self.questions) if self.questions else ""

    @property
    def lessons_digest(self) -> str:
        return suite_digest(task.digest for task in self.lessons) if self.lessons else ""


def read_elsewhere(
    recipe: Recipe,
    tasks: Sequence[Task],
    splits: Mapping[str, Split],
    sources: Mapping[str, Path],
    relative_to: Path,
) -> FromElsewhere:
    """Read what a recipe names, and leave out whatever is like one of its own ``tasks``, in any split, and of the
    questions what is like a lesson.

    Raises:
        UsageError and its children: a source that cannot be read, or of which nothing is left; a lesson of a suite that
            is held out.
    """
    settings = recipe.harvest
    written = settings.model_copy(
        update={
            "rehearse_from": placed_question_sources(settings.rehearse_from, relative_to),
            "lessons": placed(settings.lessons, relative_to),
        }
    )
    return from_elsewhere(written, tasks, splits, sources)


def from_elsewhere(
    settings: HarvestSettings,
    tasks: Sequence[Task],
    splits: Mapping[str, Split],
    sources: Mapping[str, Path],
) -> FromElsewhere:
    """As ``read_elsewhere``, with paths that are relative to the working directory."""
    held_out = {_family(task.suite) for task in tasks if splits.get(task.id) is Split.HOLDOUT}
    lessons = _read("harvest.lessons", settings.lessons, load_suite, tasks, sources, held_out=held_out)
    if settings.lessons and not (lessons := tuple(task for task in lessons if task.reference is not None)):
        raise UsageError("harvest.lessons: no task there has a reference", mend="name a suite that has some")
    # What is taught is not rehearsed too: the base's own answer to it may be wrong, and would be held to.
    questions = _read("harvest.rehearse_from", settings.rehearse_from, load_questions, (*tasks, *lessons), sources)
    most = settings.rehearse_most or len(questions)
    return FromElsewhere(
        seeded_few(questions, most, lambda task: task.content_digest, seed=settings.seed),
        lessons,
    )


def _not_there(found: Sequence[Task], read: Sequence[Task]) -> list[Task]:
    """Functions of a code base, those numbered whose names another one's functions have."""
    known = {task.id: task.content_digest for task in read}
    taken = [known.get(task.id, task.content_digest) != task.content_digest for task in found]
    return [
        task.model_copy(update={"id": f"{task.id} of {task.suite}, {len(read) + at}"}) if other else task
        for at, (task, other) in enumerate(zip(found, taken, strict=True))
    ]


def _family(suite: str) -> str:
    """A suite, whichever of its prompts."""
    return suite.removesuffix("-one-test")


def _read(
    key: str,
    names: Iterable[str],
    load: Callable[..., tuple[Task, ...]],
    tasks: Sequence[Task],
    sources: Mapping[str, Path],
    *,
    held_out: Collection[str] = (),
) -> tuple[Task, ...]:
    """``held_out``: families of suites that nothing may be of."""
    read: list[Task] = []
    for name in names:
        found = load(name, sources=sources)
        if of := {_family(task.suite) for task in found}.intersection(held_out):
            raise UsageError(f"{key}: {name} is of {min(of)}, of which tasks are held out", mend="name another suite")
        read += _not_there(found, read) if name.startswith(FROM_CODE) else found
    read = list({(task.id, task.content_digest): task for task in read}.values())  # sources may overlap
    if not read:
        return ()
    twice = next((name for name, count in Counter(task.id for task in read).items() if count > 1), None)
    if twice is not None:
        raise UsageError(
            f"{key}: two have the id {twice!r}", mend="give each an id of its own, or the files other names"
        )
    others = unlike(read, tasks)
    if not others.kept:
        raise UsageError(
            f"{key}: all {len(read)} are like tasks of this recipe or its lessons, such as {others.twins[0].twin}",
            mend="name other sources: what is measured cannot be rehearsed or taught beside it",
        )
    return others.kept
