"""How much work is under way at once: on this machine one batch and one judgement beside it, on a cluster more."""

from collections.abc import Callable
from dataclasses import dataclass

MOST_THREADS = 4096
"""Each waits for one batch, or one call of a judge, on another machine."""


def _one() -> int:
    return 1


def _nothing() -> None:
    """Do nothing: work of this process ends by itself."""


@dataclass(frozen=True)
class Pace:
    """Attributes:
    batches: how many batches may be asked at once, as it is now; None: each in the caller's own thread.
    shards: how many calls of the judge may be under way at once, as it is now.
    programs: a call of the judge waits for so many programs, or for the last of them.
    abandon: called when work that is under way is not waited for any more.
    """

    batches: Callable[[], int] | None = None
    shards: Callable[[], int] = _one
    programs: int = 0
    abandon: Callable[[], None] = _nothing

    @property
    def threads(self) -> int:
        """How many threads may wait for work that is under way."""
        return 1 if self.batches is None else MOST_THREADS
