"""How long a program may sleep, whatever else the machine does."""

import time

from suture.judge.referee.worker_process import Look, WorkerProcess

STARVED = 100.0
"""On the busiest machine a program that is ready to run gets a core for one second in so many."""
UNSEEN = 10.0
"""A program may for so many times its limit be neither running, by that measure, nor seen asleep."""
_SLICE_S = 0.1


class Patience:
    """A program may sleep for its limit: wall time in which it neither ran nor waited for a core.

    Starved of cores, a program waits and is not blamed; sleeping, it is. So no load on the machine turns one verdict
    into another. What counts is the time between two looks that saw the same threads, all of them asleep: there the
    kernel's account of their waits is complete. A program that is never seen so, and does not run either, has
    ``UNSEEN`` times its limit.
    """

    def __init__(self, worker: WorkerProcess, wall_s: float) -> None:
        self._worker = worker
        self._left_s, self._most_unseen_s = wall_s, UNSEEN * wall_s
        self._unseen_s = 0.0
        self._rested: Look | None = None
        self._seen: Look | None = None
        self._looked_at = 0.0

    def began(self) -> None:
        """A request went out: time counts from here."""
        self._rested = self._seen = None
        self._looked_at = time.monotonic()

    def slice_s(self) -> float:
        return max(0.001, min(_SLICE_S, self._left_s))

    def due(self) -> bool:
        """Whether a slice has passed since the last look."""
        return time.monotonic() - self._looked_at >= self.slice_s()

    def ran_out(self) -> bool:
        """Look at the program. To be asked after a slice in which it did not finish."""
        look = self._worker.look()
        self._looked_at = time.monotonic()
        if look is None:
            return False
        if self._seen is not None:
            idle_s = look.ended_s - self._seen.ended_s - STARVED * (look.cpu_s - self._seen.cpu_s)
            self._unseen_s = max(0.0, self._unseen_s + idle_s)
        self._seen = look
        if look.busy_s is not None:
            if self._rested is not None:
                self._left_s -= slept_s(self._rested, look)
            self._rested = look
        return self._left_s <= 0 or self._unseen_s >= self._most_unseen_s


def slept_s(before: Look, after: Look) -> float:
    """Seconds that a program surely slept between two looks at it resting; 0 where threads began or ended meanwhile,
    which take their waits with them. Pure."""
    if before.busy_s is None or after.busy_s is None or before.threads != after.threads:
        return 0.0
    used_s = max(after.busy_s - before.busy_s, after.cpu_s - before.cpu_s)
    return max(0.0, after.began_s - before.ended_s - used_s)
