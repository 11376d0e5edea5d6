"""Where work on batches runs: here, one after the other, or in threads beside this one."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Executor(Protocol):
    def map(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield ``work(item)`` for each item, in their order.

        ``items`` is taken from in the caller's thread, a bounded number ahead of what was yielded, so that making an
        item may itself be work and may use what belongs to that thread (the ledger's connection).
        """
        ...


class Serial:
    """Each item is worked on when its result is asked for."""

    def map(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        return (work(item) for item in items)


class Threads:
    """Up to ``ahead`` items are under way in one thread while the caller makes the next one.

    Args:
        waiting: entered while the caller waits for a result and does nothing else, for a stopwatch.
    """

    def __init__(self, ahead: int = 1, *, waiting: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        self._ahead, self._waiting = ahead, waiting

    def map(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="suture-executor")
        under_way: deque[Future[R]] = deque()
        try:
            for item in items:
                under_way.append(pool.submit(work, item))
                if len(under_way) > self._ahead:
                    yield self._result(under_way.popleft())
            while under_way:
                yield self._result(under_way.popleft())
        finally:
            for future in under_way:
                future.cancel()
            pool.shutdown(wait=True)

    def _result(self, future: Future[R]) -> R:
        with self._waiting():
            return future.result()
