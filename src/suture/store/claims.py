"""Work that several processes could do at once, and only one should."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def claimed(file: Path, key: str) -> Iterator[None]:
    """Hold ``key`` (hexadecimal) while inside; another process that wants the same key waits, others do not.

    A lock on one byte of ``file``, at a place the key names, so that no claim leaves a file behind. The kernel gives
    it back when the process ends, however it ends (POSIX record locks, fcntl(2)). Not between threads.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX, 1, int(key[:15], 16))
        yield
    finally:
        os.close(descriptor)
