"""Gives jobs to seats on nodes: each is done at least once, its first answer counts, and later ones are compared.

A thread a seat takes the next job, has it done, and takes another. A job whose seat is lost goes to another one. When
nothing waits any more, a seat that is free does again what takes another node longest.
"""

import statistics
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from suture.cluster.jobs import Job, Seat, Tally, Unfit
from suture.cluster.nodes import Lost
from suture.core.errors import DiskFull, Fault, MissingTool, NoPermission, SutureError, UsageError

S = TypeVar("S", bound=Seat)

MOST_LOSSES = 5
"""Seats that one job may cost: a job that kills every process that tries it must end."""
MOST_FAILURES = 2
"""Times that engines or judges may fail at one job before the run does; and in a row, at any, before a seat is closed:
a process whose GPU is sick fails at all. Nobody gets a job twice that he failed at while another could do it."""
MOST_SICK = 2
"""Seats of one node that may be closed so, before it is left out."""
SLOW, SLOWEST_KNOWN = 2.0, 1.0
"""A job is asked twice when it takes so many times the median, and at least so many seconds."""


class Crew(Generic[S]):
    """Args:
    left_out: called with a seat and why its node is asked for no more.
    most: how many seats a node may have now; one too many leaves when it has done its job.
    """

    def __init__(
        self, name: str, left_out: Callable[[str, S, str], None], most: Callable[[str], int] | None = None
    ) -> None:
        self.name, self.tally = name, Tally()
        self._left_out, self._most = left_out, most
        self._changed = threading.Condition()
        self._waiting: deque[Job] = deque()
        self._running: list[Job] = []
        self._seats: list[S] = []
        self.nodes: set[str] = set()
        """Every node that ever had a seat."""
        self._took: deque[float] = deque(maxlen=101)
        self._faults: Counter[S] = Counter()
        """By seat, how often it failed since it last did a job."""
        self._sick: Counter[str] = Counter()
        self._closed = False

    @property
    def size(self) -> int:
        with self._changed:
            return len(self._seats)

    def seats_on(self, node: str) -> int:
        with self._changed:
            return sum(seat.node == node for seat in self._seats)

    @property
    def idle_with_work(self) -> bool:
        """Whether jobs wait and nobody is there to do them."""
        with self._changed:
            return bool(self._waiting) and not self._seats

    def join(self, seat: S) -> None:
        """From now on ``seat`` takes jobs."""
        with self._changed:
            if self._closed:
                seat.close()
                return
            self._seats.append(seat)
            self.nodes.add(seat.node)
        threading.Thread(target=self._work, args=(seat,), name=f"suture-{self.name}", daemon=True).start()

    def submit(self, work: Callable[[S], Any], same: Callable[[Any, Any], bool]) -> "Future[Any]":
        """Have a job done.

        Args:
            work: called with a seat, in a thread of its own. Raises Lost, Unfit or a SutureError.
            same: tells whether two answers to it are equal.
        """
        job = Job(work, same)
        with self._changed:
            if self._closed:
                raise Fault("the cluster was left already")
            self._waiting.append(job)
            self._changed.notify_all()
        return job.future

    def fail_all(self, error: SutureError) -> None:
        """End every job that has no answer yet."""
        with self._changed:
            jobs = [*self._waiting, *self._running]
            self._waiting.clear()
            for job in jobs:
                if not job.future.done():
                    job.future.set_exception(error)

    def close(self) -> None:
        """Stop every seat, and end every job."""
        with self._changed:
            self._closed = True
            seats = list(self._seats)
            self._changed.notify_all()
        self.fail_all(Fault("the cluster was left before this was done"))
        for seat in seats:
            seat.close()

    def _work(self, seat: S) -> None:
        stays = True
        while stays and (job := self._next(seat)) is not None:
            stays = self._do(seat, job)
        with self._changed:
            self._seats.remove(seat)
            del self._faults[seat]
            self._changed.notify_all()
        seat.close()

    def _do(self, seat: S, job: Job) -> bool:
        """Whether the seat goes on. However this ends, whoever waits for the job hears of it."""
        began, heard = time.monotonic(), False
        try:
            answer = job.work(seat)
            heard = self._done(seat, job, answer, time.monotonic() - began)
        except Lost as error:
            heard = self._again(seat, job, error)
            return False
        except (Unfit, DiskFull, MissingTool, NoPermission) as error:
            self._left_out(self.name, seat, str(error))
            heard = self._again(seat, job, None)
            return False
        except SutureError as error:
            heard = self._failed(seat, job, error)
            return not (isinstance(error, Fault) and self._is_sick(seat, error))
        finally:
            if not heard:
                self._failed(seat, job, UsageError(f"{self.name}: a job ended in an error of Suture's own"))
        return True

    def _next(self, seat: S) -> Job | None:
        with self._changed:
            while not self._closed:
                if self._most and self.seats_on(seat.node) > self._most(seat.node):
                    return None
                if (job := self._first_for(seat)) is not None:
                    self._begin(seat, job)
                    return job
                if (job := self._slowest(seat)) is not None:
                    self.tally.twice += 1
                    self._begin(seat, job)
                    return job
                self._changed.wait(0.25 if self._running else None)
            return None

    def _first_for(self, seat: S) -> Job | None:
        """With the lock held. Takes the first job that waits and that the seat has not failed at, unless all have."""
        self._waiting = deque(job for job in self._waiting if not job.future.done())
        for job in self._waiting:
            if seat not in job.failed or all(other in job.failed for other in self._seats):
                self._waiting.remove(job)
                return job
        return None

    def _begin(self, seat: S, job: Job) -> None:
        job.on.append(seat.node)
        if job not in self._running:
            job.began = time.monotonic()
            self._running.append(job)

    def _slowest(self, seat: S) -> Job | None:
        """The job that one other node has been at for longest, if that is unusually long."""
        if len(self._took) < 3:
            return None
        long = max(SLOW * statistics.median(self._took), SLOWEST_KNOWN)
        now = time.monotonic()
        slow = [
            job
            for job in self._running
            if len(job.on) == 1
            and seat.node not in job.on
            and seat not in job.failed
            and not job.future.done()
            and now - job.began > long
        ]
        return min(slow, key=lambda job: job.began, default=None)

    def _leave(self, seat: S, job: Job) -> None:
        """With the lock held."""
        job.on.remove(seat.node)
        if not job.on and job in self._running:
            self._running.remove(job)

    def _again(self, seat: S, job: Job, error: Lost | None) -> bool:
        with self._changed:
            self._leave(seat, job)
            job.losses += error is not None
            if job.losses < MOST_LOSSES:
                self._put_back(job)
            else:
                said = f"{self.name}: {job.losses} processes were lost over one job; the last: {error}"
                self._fail(job, Fault(said))
        return True

    def _failed(self, seat: S, job: Job, error: SutureError) -> bool:
        with self._changed:
            self._leave(seat, job)
            job.failures += 1
            job.failed.append(seat)
            if isinstance(error, Fault) and job.failures < MOST_FAILURES:
                self._put_back(job)
            else:
                self._fail(job, error)
        return True

    def _is_sick(self, seat: S, error: Fault) -> bool:
        """Whether the seat is to be closed, because it fails while others are there to go on."""
        with self._changed:
            self._faults[seat] += 1
            if self._faults[seat] < MOST_FAILURES or len(self._seats) == 1:
                return False
            self._sick[seat.node] += 1
            sick = self._sick[seat.node] >= MOST_SICK
        if sick:
            self._left_out(self.name, seat, str(error))
        return True

    def _put_back(self, job: Job) -> None:
        """With the lock held. A job that has its answer, or that another seat is at, is left alone."""
        if job.future.done() or job.on:
            return
        self.tally.again += 1
        self._waiting.appendleft(job)
        self._changed.notify_all()

    def _fail(self, job: Job, error: SutureError) -> None:
        """With the lock held. One that another seat is at may still get its answer."""
        if not job.future.done() and not job.on:
            job.future.set_exception(error)

    def _done(self, seat: S, job: Job, answer: Any, seconds: float) -> bool:
        with self._changed:
            self._leave(seat, job)
            self._took.append(seconds)
            self._faults[seat] = 0
            if not job.future.done():
                job.first = answer
                self.tally.done += 1
                job.future.set_result(answer)
            elif job.future.exception() is None:
                self.tally.compared += 1
                self.tally.flips += not job.same(job.first, answer)
        return True
