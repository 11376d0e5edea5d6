"""What the referee tells about one program."""

from typing import Any, NamedTuple


class FailedCheck(NamedTuple):
    """Attributes:
    reason: a value of ``suture.core.measure.verdict.Reason``.
    detail: one line for people.
    """

    reason: str
    detail: str


class RefereeReport(NamedTuple):
    """Attributes:
    failure: None when the program passed.
    cpu_s: CPU seconds the program used.
    own_cpu_s: CPU seconds the referee used for it.
    """

    failure: FailedCheck | None
    cpu_s: float
    own_cpu_s: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {"failure": self.failure, "cpu_s": self.cpu_s, "own_cpu_s": self.own_cpu_s}
