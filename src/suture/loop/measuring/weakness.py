"""Names tasks whose check wrong answers pass easily, as far as looking at it and one trial show."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from suture.core.measure.checks.python import PythonCheck
from suture.core.measure.task import Task
from suture.core.plan.ports import Judge
from suture.loop.measuring.task_trials import FIRST_ARGUMENT, NOTHING, TRUE, trivial_program
from suture.suites.kinds.kind import Submission
from suture.suites.weak_checks import ONE_ROW, one_row_trial, why_weak

EASIEST_BODIES = (NOTHING, TRUE, FIRST_ARGUMENT)
"""Of the trivial ones: what a model without a clue may write."""


class WeakTask(NamedTuple):
    """``why``: what passes that should not, in one line."""

    task_id: str
    suite: str
    why: str


def weak_tasks(judge: Judge, tasks: Sequence[Task]) -> list[WeakTask]:
    """Tasks with a weak check, in the order given. Broken tasks should be left out before."""
    why = {task.id: said for task in tasks if (said := why_weak(task)) is not None}
    tried = [(task.id, *trial) for task in tasks for trial in _trials(task)]
    for index, verdict in sorted(judge.judge([trial for _, trial, _ in tried]), key=lambda judged: judged[0]):
        if verdict.passed:
            task_id, _, said = tried[index]
            why.setdefault(task_id, said)
    return [WeakTask(task.id, task.suite, why[task.id]) for task in tasks if task.id in why]


def _trials(task: Task) -> Iterator[tuple[Submission, str]]:
    """What must not pass, and what it says of the check where it does."""
    if (trial := one_row_trial(task)) is not None:
        yield trial, ONE_ROW
    if isinstance(task.check, PythonCheck) and task.check.entry_point:
        for body in EASIEST_BODIES:
            yield Submission(task, trivial_program(task, body)), f"a function whose body is `{body}` passes its tests"
