"""What the judge says of one program. An enum with a reason, never a boolean."""

from enum import StrEnum

from pydantic import Field, model_validator

from suture.core.frozen import Frozen


class Outcome(StrEnum):
    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    FAULT = "fault"
    """The judge's or the engine's own failure. Never counts for or against a model."""


class Reason(StrEnum):
    """Why a program did not pass."""

    WRONG = "wrong"
    EXCEPTION = "exception"
    SYNTAX = "syntax"
    NO_ANSWER = "no-answer"
    TRUNCATED = "truncated"
    CPU = "cpu"
    WALL = "wall"
    MEMORY = "memory"
    DIED = "died"
    GRADER = "grader"
    """The task's own grader raised, hung or gave no verdict on this answer."""
    FAULT = "fault"
    BROKEN_TASK = "broken-task"
    """The task's own tests cannot run, whatever the program is: a fault of the task, never of a model."""


FORMAT_REASONS = frozenset({Reason.NO_ANSWER, Reason.TRUNCATED, Reason.SYNTAX})
"""Losses of form rather than of skill; reports keep the two apart."""


class IsolationLevel(StrEnum):
    """How well a program under judgement is confined, found by trying and not by asking for versions."""

    L3 = "L3"
    """Namespaces, Landlock and seccomp."""
    L2 = "L2"
    """Landlock, seccomp and an unprivileged uid."""
    L1 = "L1"
    """Seccomp and resource limits."""
    L0 = "L0"
    """Resource limits only: refused without ``--unsafe-local``."""


class Verdict(Frozen):
    """Attributes:
    outcome: pass, fail or fault.
    reason: why, for fail and fault; None for pass.
    detail: one line for people; never decides anything.
    cpu_s: CPU seconds the program used (0 when it was never run).
    vacuous: a pass of an answer that says nothing, such as broken JSON where no function was to be called. It counts as
        a pass, but is never protected, and never taught: the task's reference is.
    """

    outcome: Outcome
    reason: Reason | None = None
    detail: str = ""
    cpu_s: float = Field(default=0.0, ge=0)
    vacuous: bool = Field(default=False, exclude_if=lambda value: not value)

    @model_validator(mode="after")
    def _only_a_pass_needs_no_reason(self) -> "Verdict":
        if (self.outcome is Outcome.PASS) != (self.reason is None):
            raise ValueError(f"a {self.outcome.value} with reason {self.reason}")
        if self.vacuous and self.outcome is not Outcome.PASS:
            raise ValueError("only a pass can be vacuous")
        return self

    @property
    def passed(self) -> bool:
        return self.outcome is Outcome.PASS

    @property
    def shows_skill(self) -> bool:
        """A pass that is worth keeping, and worth imitating."""
        return self.passed and not self.vacuous

    @property
    def faulted(self) -> bool:
        return self.outcome is Outcome.FAULT

    @property
    def key(self) -> str:
        """The part that must be the same on every run: without times and wording."""
        return self.outcome.value if self.reason is None else f"{self.outcome.value}:{self.reason.value}"


class JudgeIdentity(Frozen):
    """Which judge spoke. Scores of different identities are not compared."""

    version: str
    level: IsolationLevel
    unsafe_local: bool = False
