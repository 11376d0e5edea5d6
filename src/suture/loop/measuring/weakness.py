"""Names tasks whose check wrong answers pass easily, as far as looking at it and one trial show."""

from collections.abc import Sequence
from typing import NamedTuple

from suture.core.measure.task import Task
from suture.core.plan.ports import Judge
from suture.suites.weak_checks import ONE_ROW, one_row_trial, why_weak


class WeakTask(NamedTuple):
    """``why``: what passes that should not, in one line."""

    task_id: str
    suite: str
    why: str


def weak_tasks(judge: Judge, tasks: Sequence[Task]) -> list[WeakTask]:
    """Tasks with a weak check, in the order given. Broken tasks should be left out before."""
    why = {task.id: said for task in tasks if (said := why_weak(task)) is not None}
    tried = [(task.id, trial) for task in tasks if (trial := one_row_trial(task)) is not None]
    for index, verdict in judge.judge([trial for _, trial in tried]):
        if verdict.passed:
            why[tried[index][0]] = ONE_ROW
    return [WeakTask(task.id, task.suite, why[task.id]) for task in tasks if task.id in why]
