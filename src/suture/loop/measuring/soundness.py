"""Finds broken tasks: their own tests cannot run, or their reference does not pass them."""

from collections.abc import Callable, Sequence

from suture.core.measure.scoreboard import BrokenTask
from suture.core.measure.task import Task
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.core.plan.ports import Judge, Progress
from suture.loop.workshop import Workshop
from suture.suites.kinds import key_of, kind_of
from suture.suites.kinds.kind import Trial


def broken_tasks(judge: Judge, tasks: Sequence[Task], progress: Progress | None = None) -> tuple[BrokenTask, ...]:
    """Try every task's check on its reference, or as its kind says.

    A fault of the judge says nothing of a task, so such a task is not called broken.
    """
    return _broken(tasks, lambda trials: _spoken(judge, trials, progress))


def sound(workshop: Workshop, tasks: Sequence[Task]) -> tuple[tuple[Task, ...], tuple[BrokenTask, ...]]:
    """Part tasks into those that can be measured and those that cannot; what was tried before is in the ledger."""
    ledger, identity = workshop.store.ledger, workshop.judge.identity.digest

    def verdicts(trials: Sequence[Trial]) -> list[Verdict]:
        keys = [(*key_of(trial.submission), identity) for trial in trials]
        known = [ledger.verdict(*key) for key in keys]
        fresh = [at for at, verdict in enumerate(known) if verdict is None]
        workshop.progress.start("check", len(fresh))
        with workshop.stopwatch.timed("judge"):
            spoken = dict(
                zip(fresh, _spoken(workshop.judge, [trials[at] for at in fresh], workshop.progress), strict=True)
            )
        workshop.progress.finish()
        ledger.add_verdicts([(*keys[at], spoken[at]) for at in fresh])
        return [verdict or spoken[at] for at, verdict in enumerate(known)]

    broken = _broken(tasks, verdicts)
    left_out = {task.task_id for task in broken}
    return tuple(task for task in tasks if task.id not in left_out), broken


def verdict_of_broken(task: BrokenTask) -> Verdict:
    """Make the verdict of any answer to a broken task: no fault of the answer."""
    return Verdict(outcome=Outcome.FAULT, reason=Reason.BROKEN_TASK, detail=task.why)


def _spoken(judge: Judge, trials: Sequence[Trial], progress: Progress | None) -> list[Verdict]:
    """One a trial, in order."""
    found: dict[int, Verdict] = {}
    for index, verdict in judge.judge([trial.submission for trial in trials]):
        found[index] = verdict
        if progress is not None:
            progress.advance()
    return [found[at] for at in range(len(trials))]


def _broken(tasks: Sequence[Task], verdicts: Callable[[Sequence[Trial]], Sequence[Verdict]]) -> tuple[BrokenTask, ...]:
    """What shows without running anything is found first; a task with such a fault is not run."""
    why = {task.id: said for task in tasks if (said := _why_without_running(task))}
    tried = [(task, trial) for task in tasks if task.id not in why for trial in _trials(task)]
    for (task, trial), verdict in zip(tried, verdicts([trial for _, trial in tried]), strict=True):
        if task.id not in why and (said := _why(trial, verdict)):
            why[task.id] = said
    return tuple(BrokenTask(task_id=task.id, suite=task.suite, why=why[task.id]) for task in tasks if task.id in why)


def _trials(task: Task) -> Sequence[Trial]:
    sandboxing = kind_of(task).sandboxing
    return () if sandboxing is None else sandboxing.trials(task)


def _why_without_running(task: Task) -> str:
    if (complaint := kind_of(task).complaint(task)) is not None:
        return complaint
    verdict = None if task.reference is None else kind_of(task).decide(task, task.reference)
    return "" if verdict is None or verdict.passed else _described("its reference does not pass its own tests", verdict)


def _why(trial: Trial, verdict: Verdict) -> str:
    if verdict.reason is Reason.BROKEN_TASK:
        return f"its tests cannot run: {verdict.detail}"
    if not trial.must_pass or verdict.passed or verdict.faulted:
        return ""
    return _described(trial.otherwise, verdict)


def _described(what: str, verdict: Verdict) -> str:
    detail = f": {verdict.detail}" if verdict.detail else ""
    return f"{what} ({verdict.reason}{detail})"
