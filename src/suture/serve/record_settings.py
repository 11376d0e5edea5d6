"""How records of what is served are kept, and what is counted of them."""

from dataclasses import dataclass

from pydantic import Field

from suture.core.frozen import Frozen
from suture.store.served_retention import Retention


class RecordSettings(Frozen):
    """What is kept of what is asked and answered, and for how long."""

    keep_days: float | None = Field(default=None, gt=0)
    """Records older than this are removed."""
    keep_mb: float | None = Field(default=None, gt=0)
    """The oldest records are removed when the file holds more than this."""
    redact: tuple[str, ...] = Field(default=())
    """Patterns (RE2) of what is left out of records; what fits becomes `[redacted]`."""

    @property
    def retention(self) -> Retention:
        return Retention(self.keep_days, self.keep_mb)


@dataclass(frozen=True)
class Waiting:
    """Bounds of the queue: records, and bytes of what they hold."""

    records: int = 10_000
    bytes: int = 64 * 1024 * 1024


@dataclass
class RecordCounts:
    """Attributes:
    kept: answers in records that were committed.
    late: requests whose record was not committed when their answer's end was sent.
    lost: answers that are counted in gaps, written or yet to be.
    unwanted: answers of which the client or its key wanted no record.
    unwritable: why the file cannot be written at the moment; empty when it can.
    """

    kept: int = 0
    late: int = 0
    lost: int = 0
    unwanted: int = 0
    unwritable: str = ""
