"""Keeps of tasks from elsewhere what is like none of a run's own, and like nothing kept before."""

from collections.abc import Sequence
from typing import NamedTuple

from suture.core.measure.groups import question_key
from suture.core.measure.task import Task
from suture.suites.resemblance import Resemblance, Twin

SHORTEST_PART = 16
"""Letters of a question that says something by itself."""


class Unlike(NamedTuple):
    """Attributes:
    kept: in the order given.
    twins: of those left out because of one of the run's tasks, one each.
    repeated: how many ask what one before them asks.
    """

    kept: tuple[Task, ...]
    twins: tuple[Twin, ...]
    repeated: int


def unlike(tasks: Sequence[Task], own: Sequence[Task]) -> Unlike:
    """Leave out what shares its content, its question, its wanted function or runs of words with a task of ``own``,
    what is a part of such a question, and what asks the same again."""
    resemblance, digests = Resemblance(own, parts=True), {task.content_digest for task in own}
    asked = "\n".join(map(question_key, own))
    kept: dict[str, Task] = {}
    twins: list[Twin] = []
    repeated = 0
    for task in tasks:
        key = question_key(task) or task.content_digest
        if key in kept:
            repeated += 1
        elif task.content_digest in digests:
            twins.append(Twin(task.id, task.id, task.suite, "the task"))
        elif len(key) >= SHORTEST_PART and (at := asked.find(key)) >= 0:
            whole = own[asked.count("\n", 0, at)]
            twins.append(Twin(task.id, whole.id, whole.suite, "the question"))
        elif (twin := resemblance.twin_of_task(task)) is not None:
            twins.append(twin)
        else:
            kept[key] = task
    return Unlike(tuple(kept.values()), tuple(twins), repeated)
