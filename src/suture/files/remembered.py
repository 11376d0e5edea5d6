"""Remembers what was found in a file for as long as it is the same file: a repair hashes each of its files often."""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")

Identity = tuple[int, int, int, int, int]
"""Device, inode, size, time of writing, and the kernel's own time of change, which nobody can put back."""

SETTLED = 2.0
"""Seconds. What changed less than so long before it was read is not remembered: the coarsest clock of a file system
would give a second change the same time."""


class Remembered(Generic[T]):
    """Called with a path, gives what ``look`` finds in the file: found now, or in an earlier call, of the same bytes.

    Args:
        look: given the path, and the file opened at its beginning. What it returns must not be changed.
        most: findings that are kept; the one that was asked for least lately is forgotten first.
    """

    def __init__(self, look: Callable[[Path, BufferedReader], T], most: int) -> None:
        self._look, self._most = look, most
        self._known: OrderedDict[Identity, T] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, path: Path) -> T:
        """Raises what ``look`` raises, and OSError: no such file, or it cannot be read."""
        with path.open("rb") as file:  # opened first: only then a network's file system says how old a file really is
            before, at = identity(os.fstat(file.fileno())), time.time()
            with self._lock:
                if before in self._known:
                    self._known.move_to_end(before)
                    return self._known[before]
            found = self._look(path, file)
            if identity(os.fstat(file.fileno())) == before and at - _changed(before) > SETTLED:
                self._keep(before, found)
        return found

    def _keep(self, name: Identity, found: T) -> None:
        with self._lock:
            self._known[name] = found
            while len(self._known) > self._most:
                self._known.popitem(last=False)


def identity(found: os.stat_result) -> Identity:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _changed(name: Identity) -> float:
    return max(name[-2:]) / 1e9
