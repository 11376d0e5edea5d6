"""Says which tasks resemble tasks of the suites that Suture knows."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from suture.core.measure.task import Task
from suture.core.plan.ports import Progress
from suture.suites.resemblance import Resemblance, Twin
from suture.wiring.suites_at_hand import AtHand, suites_at_hand


class Overlap(NamedTuple):
    """Attributes:
    twins: one for each task that resembles another suite's, in the order of the tasks.
    compared: names of the suites that the tasks were compared with.
    missing: names of suites that are not at hand.
    """

    twins: list[Twin]
    compared: list[str]
    missing: list[str]


def overlap(
    tasks: Sequence[Task],
    *,
    known: AtHand | None = None,
    sources: Mapping[str, Path] | None = None,
    progress: Progress | None = None,
) -> Overlap:
    """Compare tasks with every suite at hand, except the suites that they are of.

    Args:
        known: what to compare with, where it is loaded already.
        sources: local files of official suites.
    """
    known = known or suites_at_hand((), sources, progress)
    own = {(task.suite, task.origin) for task in tasks} & {(task.suite, task.origin) for task in known.tasks}
    others = [task for task in known.tasks if (task.suite, task.origin) not in own] if own else known.tasks
    resemblance = Resemblance(others)
    twins = [twin for task in tasks if (twin := resemblance.twin_of_task(task)) is not None]
    compared = [name for name in known.compared if name not in {suite for suite, _ in own}]
    return Overlap(twins, compared, known.missing)
