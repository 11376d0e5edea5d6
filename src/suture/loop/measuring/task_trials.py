"""Tries new tasks before they are kept: the reference passes, again and in time, and no trivial body does."""

from collections.abc import Sequence
from typing import NamedTuple

from suture.core.measure.checks.python import PythonCheck
from suture.core.measure.task import Task, check_of
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.core.plan.ports import Judge, Progress

SLOWEST_S = 2.0
"""CPU seconds that a reference may take."""
NOT_JUDGED, SLOW = "it could not be judged", "its reference is slow"
NOTHING, TRUE, FIRST_ARGUMENT = "return None", "return True", "return [*args, *kwargs.values()][0]"
TRIVIAL_BODIES = (
    NOTHING,
    "return 0",
    FIRST_ARGUMENT,
    "return [*args, *kwargs.values()][0].copy()",
    "return False",
    TRUE,
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
    bare = [_alone(task) for task in tasks]
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


def _alone(task: Task) -> Task:
    """Without its reference, which would make room for slow programs, and with no more time than one may take."""
    check = check_of(task, PythonCheck)
    limits = check.limits.model_copy(update={"cpu_s": min(check.limits.cpu_s, SLOWEST_S)})
    return task.model_copy(update={"reference": None, "check": check.model_copy(update={"limits": limits})})


def trivial_program(task: Task, body: str) -> str:
    return f"def {check_of(task, PythonCheck).entry_point}(*args, **kwargs):\n    {body}\n"


def _refusal(verdict: Verdict | None, again: Verdict | None) -> Refusal | None:
    if verdict is None or again is None:
        return Refusal(NOT_JUDGED)
    failed = again if verdict.passed else verdict
    too_much = failed.reason in (Reason.CPU, Reason.WALL, Reason.MEMORY)
    if verdict.passed != again.passed and not too_much:
        return Refusal("its reference does not pass each time")
    return None if failed.passed else Refusal(_cause(failed), failed.detail or "")


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
