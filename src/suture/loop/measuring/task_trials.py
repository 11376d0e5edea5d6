"""Tries new tasks before they are kept: the reference passes, again and in time, and no trivial body does."""

from collections.abc import Sequence
from typing import NamedTuple

from suture.core.measure.checks.python import PythonCheck
from suture.core.measure.task import Task
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.core.plan.ports import Judge, Progress

SLOWEST_S = 2.0
"""CPU seconds of a reference."""
NOT_JUDGED, SLOW = "it could not be judged", "its reference is slow"
TRIVIAL_BODIES = (
    "return None",
    "return 0",
    "return [*args, *kwargs.values()][0]",
    "return [*args, *kwargs.values()][0].copy()",
    "return False",
    "return True",
    "return []",
    "return ''",
)
"""A function of any arguments with such a body is no answer to any question worth asking."""


class Refusal(NamedTuple):
    """Attributes:
    why: one of few reasons, to be counted.
    detail: what was seen, in one line.
    """

    why: str
    detail: str = ""


def refusals(judge: Judge, tasks: Sequence[Task], progress: Progress) -> list[Refusal | None]:
    """Why each task should not be kept; None where it should.

    The reference runs alone: what it does not define, import or find in the task's prelude is not there.
    """
    bare = [task.model_copy(update={"reference": None}) for task in tasks]  # with one, slow ones would be waited for
    references = [(at, task, task.reference or "") for at, task in enumerate(tasks)]
    progress.start("references", 2 * len(tasks))
    twice = [(bare[at], program) for at, _, text in references for program in (text, f"{text}\n# again\n")]
    first: list[Verdict | None] = [None] * len(twice)
    for index, verdict in judge.judge(twice):
        first[index] = verdict
        progress.advance()
    refused = [_refusal(first[2 * at], first[2 * at + 1]) for at in range(len(tasks))]
    sound = [at for at, refusal in enumerate(refused) if refusal is None]
    progress.start("trivial", len(sound) * len(TRIVIAL_BODIES))
    trivial = [(at, body) for at in sound for body in TRIVIAL_BODIES]
    for index, verdict in judge.judge([(bare[at], trivial_program(tasks[at], body)) for at, body in trivial]):
        progress.advance()
        at, body = trivial[index]
        if verdict.passed:
            refused[at] = Refusal("a trivial body passes its examples", body)
        elif verdict.outcome is Outcome.FAULT and refused[at] is None:
            refused[at] = Refusal(NOT_JUDGED, verdict.detail or "")
    progress.finish()
    return refused


def trivial_program(task: Task, body: str) -> str:
    """Raises TypeError: no task that is decided by running a function."""
    if not isinstance(task.check, PythonCheck):
        raise TypeError(f"{task.id} is of kind {task.check.kind!r}, not python")
    return f"def {task.check.entry_point}(*args, **kwargs):\n    {body}\n"


def _refusal(verdict: Verdict | None, again: Verdict | None) -> Refusal | None:
    if verdict is None or again is None:
        return Refusal(NOT_JUDGED)
    if verdict.passed != again.passed:
        return Refusal("its reference does not pass each time")
    if verdict.passed:
        cpu_s = max(verdict.cpu_s, again.cpu_s)
        return Refusal(SLOW, f"{cpu_s:.1f} s of CPU time") if cpu_s > SLOWEST_S else None
    return Refusal(_cause(verdict), verdict.detail or "")


def _cause(verdict: Verdict) -> str:  # noqa: PLR0911 - one for each cause
    detail = verdict.detail or ""
    if "ModuleNotFoundError" in detail or "ImportError" in detail:
        return "it imports what is not there"
    if verdict.reason is Reason.BROKEN_TASK:
        return "its examples cannot run in the judge"
    if verdict.outcome is Outcome.FAULT:
        return NOT_JUDGED
    if verdict.reason in (Reason.CPU, Reason.WALL, Reason.MEMORY):
        return SLOW
    if "cannot be sent" in detail:
        return "its examples cannot run in the judge"
    if "of an object of the program's own" in detail:
        return "its examples are no tests: its output is no plain value"
    return "its reference fails its own examples"
