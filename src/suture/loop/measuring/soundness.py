"""Finds broken tasks: their own tests cannot run, or their reference does not pass them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from suture.core.digest import digest_of_text
from suture.core.measure.scoreboard import BrokenTask
from suture.core.measure.task import Task
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.core.plan.ports import Judge, Progress
from suture.loop.workshop import Workshop
from suture.suites.kinds import kind_of


class _Trial(NamedTuple):
    """What a task's check is tried on: its reference, or an empty answer where it has none."""

    task: Task
    answer: str


def broken_tasks(judge: Judge, tasks: Sequence[Task], progress: Progress | None = None) -> tuple[BrokenTask, ...]:
    """Try every task's check on its reference; without one, on an empty answer, which shows only whether it can run.

    A fault of the judge says nothing of a task, so such a task is not called broken.
    """
    return _broken(tasks, _verdicts(judge, [_trial(task) for task in tasks], progress))


def sound(workshop: Workshop, tasks: Sequence[Task]) -> tuple[tuple[Task, ...], tuple[BrokenTask, ...]]:
    """Part tasks into those that can be measured and those that cannot; what was tried before is in the ledger."""
    ledger, identity = workshop.store.ledger, workshop.judge.identity.digest
    trials = [_trial(task) for task in tasks]
    keys = [(trial.task.digest, digest_of_text(trial.answer), identity) for trial in trials]
    known = [ledger.verdict(*key) for key in keys]
    fresh = [at for at, verdict in enumerate(known) if verdict is None]
    workshop.progress.start("check", len(fresh))
    with workshop.stopwatch.timed("judge"):
        spoken = list(_verdicts(workshop.judge, [trials[at] for at in fresh], workshop.progress))
    workshop.progress.finish()
    ran = [at for at in fresh if kind_of(tasks[at]).decide(tasks[at], trials[at].answer) is None]
    verdicts = dict(zip(fresh, spoken, strict=True))
    ledger.add_verdicts([(*keys[at], verdicts[at]) for at in ran])
    broken = _broken(tasks, [verdict or verdicts[at] for at, verdict in enumerate(known)])
    left_out = {task.task_id for task in broken}
    return tuple(task for task in tasks if task.id not in left_out), broken


def verdict_of_broken(task: BrokenTask) -> Verdict:
    """Of any answer to a broken task: no fault of the answer."""
    return Verdict(outcome=Outcome.FAULT, reason=Reason.BROKEN_TASK, detail=task.why)


def _trial(task: Task) -> _Trial:
    return _Trial(task, task.reference or "")


def _verdicts(judge: Judge, trials: Sequence[_Trial], progress: Progress | None) -> Iterator[Verdict]:
    """One a trial, in order."""
    decided = {at: verdict for at, trial in enumerate(trials) if (verdict := kind_of(trial.task).decide(*trial))}
    asked = [at for at in range(len(trials)) if at not in decided]
    for index, verdict in judge.judge([trials[at] for at in asked]):
        decided[asked[index]] = verdict
        if progress is not None:
            progress.advance()
    return (decided[at] for at in range(len(trials)))


def _broken(tasks: Sequence[Task], verdicts: Iterable[Verdict]) -> tuple[BrokenTask, ...]:
    found = ((task, _why(task, verdict)) for task, verdict in zip(tasks, verdicts, strict=True))
    return tuple(BrokenTask(task_id=task.id, suite=task.suite, why=why) for task, why in found if why)


def _why(task: Task, verdict: Verdict) -> str:
    if (complaint := kind_of(task).complaint(task)) is not None:
        return complaint
    if verdict.reason is Reason.BROKEN_TASK:
        return f"its tests cannot run: {verdict.detail}"
    if task.reference is None or verdict.passed or verdict.faulted:
        return ""
    detail = f": {verdict.detail}" if verdict.detail else ""
    return f"its reference does not pass its own tests ({verdict.reason}{detail})"
