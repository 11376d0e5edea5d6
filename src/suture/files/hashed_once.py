"""Hashes a file once for as long as it is the same file."""

import threading
from pathlib import Path

from suture.files.small_files import sha256_of

Identity = tuple[int, int, int, int]


class HashedOnce:
    """Called with a path it gives the SHA-256 of the file: hashed now, or known of this device, inode, size and time of
    change. Whoever changes bytes and puts the time back is not found out; ``suture verify`` hashes everything."""

    def __init__(self) -> None:
        self._known: dict[Identity, str] = {}
        self._lock = threading.Lock()

    def __call__(self, path: Path) -> str:
        """Raises OSError: no such file."""
        before = _identity(path)
        with self._lock:
            known = self._known.get(before)
        if known is not None:
            return known
        digest = sha256_of(path)
        if _identity(path) == before:
            with self._lock:
                self._known[before] = digest
        return digest


def _identity(path: Path) -> Identity:
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
