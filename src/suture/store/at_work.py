"""Who is at work in a store: many at once, or `suture gc` alone."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from suture.core.errors import UsageError
from suture.store.home import Home


@contextmanager
def at_work(home: Home) -> Iterator[None]:
    """Nothing is removed from the store meanwhile; waits while something is.

    A shared lock on a file of the store (flock(2)), given back when the process ends, however it ends. Whoever only
    opens what an alias points at needs none: that is never removed. On read-only ground nothing can be removed.
    """
    descriptor = _opened(home)
    try:
        if descriptor is not None:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


@contextmanager
def alone(home: Home) -> Iterator[None]:
    """Raises UsageError while another process is at work in the store."""
    descriptor = _opened(home)
    try:
        if descriptor is not None:
            _take_alone(descriptor, home)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _take_alone(descriptor: int, home: Home) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UsageError(
            f"another process is at work in {home.root}, so nothing was removed",
            mend="run it again when that has ended",
        ) from None


def _opened(home: Home) -> int | None:
    try:
        return os.open(home.root / "ledger.use", os.O_RDWR | os.O_CREAT, 0o666)
    except OSError:
        return None
