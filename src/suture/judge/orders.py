"""A submission as the referee wants it. Pure."""

from typing import Any

from suture.core.measure.checks.python import DataCalls, Limits, PythonCheck
from suture.core.measure.task import Task, check_of
from suture.core.measure.verdict import Outcome, Reason, Verdict

CALIBRATION = 5.0
"""A program may use this many times the CPU time of the reference solution, when that is more than the task's limit."""
CALIBRATION_LIMIT_S = 300.0


def order_of(task: Task, program: str, limits: Limits) -> dict[str, Any]:
    """``program`` is the whole source, or for tests on data the answer that the task's own runner is given."""
    check = check_of(task, PythonCheck)
    return {
        "prelude": check.prelude,
        "given": check.given,
        "program": check.tests.runner if isinstance(check.tests, DataCalls) else program,
        "answer": program if isinstance(check.tests, DataCalls) else "",
        "entry_point": check.entry_point,
        "tests": check.tests.model_dump(mode="json"),
        "cpu_s": limits.cpu_s,
        "wall_s": limits.wall_s,
        "memory_mb": limits.memory_mb,
    }


def calibrated(limits: Limits, reference_cpu_s: float) -> Limits:
    """Limits under which the reference has room to spare; never tighter than the task's own."""
    return limits.model_copy(update={"cpu_s": max(limits.cpu_s, CALIBRATION * reference_cpu_s)})


def verdict_of(report: dict[str, Any]) -> Verdict:
    """From the referee's report. Raises ``ValueError`` on an unknown reason."""
    if "broken" in report:
        return Verdict(outcome=Outcome.FAULT, reason=Reason.BROKEN_TASK, detail=report["broken"])
    failure = report["failure"]
    if failure is None:
        return Verdict(outcome=Outcome.PASS, cpu_s=report["cpu_s"])
    reason, detail = failure
    return Verdict(outcome=Outcome.FAIL, reason=Reason(reason), detail=detail, cpu_s=report["cpu_s"])


def fault(detail: str) -> Verdict:
    return Verdict(outcome=Outcome.FAULT, reason=Reason.FAULT, detail=detail)
