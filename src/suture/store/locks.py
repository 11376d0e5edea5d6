"""Every lock of a store, as a byte of one file that the lock's name picks.

The kernel gives a lock back when the process ends, however it ends, and no lock leaves a file behind. Open file
description locks (fcntl(2), Linux 3.15) also part the threads of one process, and closing one of them frees no other.
"""

import errno
import fcntl
import os
import struct
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from suture.core.digest import digest_of_text
from suture.core.errors import Fault

_PLACES = 2**60
_READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR)


class Locks:
    """``file`` is made when it is first needed."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @contextmanager
    def hold(self, name: str, *, shared: bool = False, wait: bool = True) -> Generator[bool]:
        """Hold ``name`` while inside; yields whether it is held.

        Args:
            shared: others may hold it shared too.
            wait: until whoever holds it lets go; else yield False at once.

        On ground that cannot be written to, nothing can be changed meanwhile either: then it counts as held.

        Raises:
            Fault: the lock's file cannot be opened for another reason, such as too many open files.
        """
        try:
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            if error.errno not in _READ_ONLY:
                raise Fault(f"{self._file} cannot be opened: {error.strerror}", mend="ulimit -n 65536") from error
            yield True
            return
        try:
            held = _lock(descriptor, _place(name), shared=shared, wait=wait)
            try:
                yield held
            finally:
                if held:  # closing is not enough: a child that was forked meanwhile has the descriptor too
                    _let_go(descriptor, _place(name))
        finally:
            os.close(descriptor)

    def is_held(self, name: str) -> bool:
        """Tell whether somebody holds ``name`` alone, without taking it. Linux; elsewhere nobody is said to."""
        if not hasattr(fcntl, "F_OFD_GETLK") or not self._file.exists():
            return False
        with self._file.open("rb") as file:
            asked = _request(fcntl.F_RDLCK, _place(name))
            return struct.unpack("hhqqi", fcntl.fcntl(file.fileno(), fcntl.F_OFD_GETLK, asked))[0] != fcntl.F_UNLCK


def _place(name: str) -> int:
    return int(digest_of_text(name)[:15], 16) % _PLACES


def _let_go(descriptor: int, place: int) -> None:
    if hasattr(fcntl, "F_OFD_SETLK"):
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, _request(fcntl.F_UNLCK, place))
    else:
        fcntl.lockf(descriptor, fcntl.LOCK_UN, 1, place)


def _request(kind: int, place: int) -> bytes:
    """``struct flock``: l_type, l_whence, l_start, l_len, l_pid (0 for locks of an open file)."""
    return struct.pack("hhqqi", kind, os.SEEK_SET, place, 1, 0)


def _lock(descriptor: int, place: int, *, shared: bool, wait: bool) -> bool:
    kind = fcntl.F_RDLCK if shared else fcntl.F_WRLCK
    try:
        if hasattr(fcntl, "F_OFD_SETLK"):
            how = fcntl.F_OFD_SETLKW if wait else fcntl.F_OFD_SETLK
            fcntl.fcntl(descriptor, how, _request(kind, place))
        else:
            how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
            fcntl.lockf(descriptor, how if wait else how | fcntl.LOCK_NB, 1, place)
    except (BlockingIOError, PermissionError):
        return False
    return True
