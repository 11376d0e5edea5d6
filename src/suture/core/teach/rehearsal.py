"""Tasks that a model wrote itself, and its own answers to them: more of what it can do than the anchors show. Pure."""

from collections.abc import Iterable, Sequence

from suture.core.frozen import Frozen
from suture.core.measure.task import Task
from suture.core.teach.dataset import Row


class Rehearsal(Frozen):
    """Attributes:
    scoreboard: digest of the scoreboard whose anchors were shown as examples.
    written: tasks the model was asked for.
    usable: those that are tasks, unlike each other and unlike every task of the run.
    faults: answers without a verdict; with one of them the rehearsal is not final.
    rows: the tasks it answered with a program that runs.
    """

    schema_version: int = 1
    scoreboard: str
    written: int
    usable: int
    faults: int
    rows: tuple[Row, ...]


def unlike(written: Iterable[Task], known: Sequence[Task]) -> tuple[Task, ...]:
    """Those whose function and whose wording no task of ``known``, and none before it, has."""
    names = {_plain(task.entry_point) for task in known}
    wordings = {_wording(task) for task in known}
    kept: list[Task] = []
    for task in written:
        name, wording = _plain(task.entry_point), _wording(task)
        if name in names or wording in wordings:
            continue
        names.add(name)
        wordings.add(wording)
        kept.append(task)
    return tuple(kept)


def _plain(name: str) -> str:
    return name.replace("_", "").casefold()


def _wording(task: Task) -> str:
    """The first line of the question: what is asked, without its tests."""
    first = task.messages[-1].content.strip().split("\n", 1)[0]
    return "".join(letter for letter in first.casefold() if letter.isalnum())
