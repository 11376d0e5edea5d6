"""Stands in for ``_multiprocessing``: semaphores between threads, since a program has no other process.

The real ones are files in ``/dev/shm``, where no program may write. ``multiprocessing.pool.ThreadPool`` and
``multiprocessing.dummy`` need them even to run threads.
"""

import sys
import types
from _thread import get_ident
from typing import Any

RECURSIVE_MUTEX, SEMAPHORE = 0, 1


class SemLock:
    """Stands in for the lock that ``multiprocessing.synchronize`` uses."""

    SEM_VALUE_MAX = 2**31 - 1

    def __init__(self, kind: int, value: int, maxvalue: int, name: str, unlink: bool) -> None:
        from threading import Condition, Lock  # here: whoever imports threading pays for it at every fork

        self.kind, self.maxvalue, self.name = kind, maxvalue, None
        self.handle = id(self)
        self._value = value
        self._owner: int | None = None
        self._depth = 0
        self._changed = Condition(Lock())

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        with self._changed:
            if self.kind == RECURSIVE_MUTEX and self._is_mine():
                self._depth += 1
                return True
            if not self._changed.wait_for(lambda: self._value > 0, timeout if block else 0):
                return False
            self._value -= 1
            self._owner, self._depth = get_ident(), self._depth + 1
            return True

    def release(self) -> None:
        with self._changed:
            if self.kind == RECURSIVE_MUTEX and not self._is_mine():
                raise AssertionError("attempt to release recursive lock not owned by thread")
            if self.kind == SEMAPHORE and self._value >= self.maxvalue:
                raise ValueError("semaphore or lock released too many times")
            self._depth -= 1
            if self.kind == SEMAPHORE or self._depth == 0:
                self._value += 1
                self._changed.notify()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def _count(self) -> int:
        return self._depth

    def _is_mine(self) -> bool:
        return self._depth > 0 and self._owner == get_ident()

    def _get_value(self) -> int:
        return self._value

    def _is_zero(self) -> bool:
        return self._value == 0

    def _after_fork(self) -> None:
        """Nothing: no program forks."""


def sem_unlink(_: str) -> None:
    """Nothing: no semaphore has a name."""


def install() -> None:
    module: Any = types.ModuleType("_multiprocessing", __doc__)
    module.SemLock, module.sem_unlink, module.flags = SemLock, sem_unlink, {"HAVE_SEM_OPEN": 1}
    sys.modules[module.__name__] = module
