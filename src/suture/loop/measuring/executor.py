"""Where work on batches runs: here, one after the other, or in threads beside this one."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Executor(Protocol):
    def groups(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[list[R]]:
        """Yield ``work(item)`` for each item, in their order, in lists of what is ready at the time.

        ``items`` is taken from in the caller's thread, a bounded number ahead of what was yielded, so that making an
        item may itself be work and may use what belongs to that thread (the ledger's connection).
        """
        ...


class Serial:
    """Each item is worked on when its result is asked for."""

    def groups(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[list[R]]:
        return ([work(item)] for item in items)


class Threads:
    """Items are under way in threads while the caller makes the next one.

    Args:
        ahead: how many may be under way, asked anew for each: helpers may join and leave.
        threads: at most so many at once; a thread is started when it is first needed.
        waiting: entered while the caller waits for a result and does nothing else, for a stopwatch.
        abandon: called when the results of items under way are no longer wanted, so that their threads can end.
    """

    def __init__(
        self,
        ahead: Callable[[], int] = lambda: 1,
        *,
        threads: int = 1,
        waiting: Callable[[], AbstractContextManager[None]] = nullcontext,
        abandon: Callable[[], None] = lambda: None,
    ) -> None:
        self._ahead, self._threads, self._waiting, self._abandon = ahead, threads, waiting, abandon

    def groups(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[list[R]]:
        pool = ThreadPoolExecutor(max_workers=self._threads, thread_name_prefix="suture-executor")
        under_way: deque[Future[R]] = deque()
        try:
            for item in items:
                under_way.append(pool.submit(work, item))
                if len(under_way) > self._ahead():
                    yield self._ready(under_way)
            while under_way:
                yield self._ready(under_way)
        finally:
            for future in under_way:
                future.cancel()
            if under_way:
                self._abandon()
            pool.shutdown(wait=True)

    def _ready(self, under_way: deque[Future[R]]) -> list[R]:
        """The first, and those after it that are done too. One that failed is left: what came before it is kept.

        What is waited for stays among those under way until it is there, for the wait may be cut short.
        """
        with self._waiting():
            found = [under_way[0].result()]
        under_way.popleft()
        while under_way and under_way[0].done() and under_way[0].exception() is None:
            found.append(under_way.popleft().result())
        return found
