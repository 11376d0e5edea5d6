"""Hashes a file once for as long as it is the same file, also across processes."""

import json
import threading
from pathlib import Path

from suture.core.errors import BadFile, SutureError
from suture.files.small_files import read_json, sha256_of, write_json

Identity = tuple[int, int, int, int]
MOST_KEPT = 512
"""Files whose hashes are kept for the next process; the ones that were hashed first are forgotten first."""


class HashedOnce:
    """Called with a path it gives the SHA-256 of the file: hashed now, or known of this device, inode, size and time of
    change. Whoever changes bytes and puts the time back is not found out; ``suture verify`` hashes everything.

    Args:
        kept: a file in which hashes outlive this process; there the kernel's own time of change counts too, which
            nobody can put back. Whatever cannot be read or written of it is hashed again.
    """

    def __init__(self, kept: Path | None = None) -> None:
        self._known: dict[Identity, str] = {}
        self._lock = threading.Lock()
        self._kept = kept

    def __call__(self, path: Path) -> str:
        """Raises OSError: no such file."""
        before = _identity(path)
        with self._lock:
            known = self._known.get(before)
        if known is not None:
            return known
        digest = self._of_an_earlier_process(path) or self._hashed(path)
        if _identity(path) == before:
            with self._lock:
                self._known[before] = digest
        return digest

    def _hashed(self, path: Path) -> str:
        before = _name(path)
        digest = sha256_of(path)
        if self._kept is not None and _name(path) == before:
            with self._lock:
                hashes = _read(self._kept) | {before: digest}
                try:
                    write_json(self._kept, dict(list(hashes.items())[-MOST_KEPT:]))
                    self._kept.chmod(0o600)
                except (OSError, SutureError):
                    self._kept = None  # a store that cannot be written is no reason not to serve
        return digest

    def _of_an_earlier_process(self, path: Path) -> str | None:
        return None if self._kept is None else _read(self._kept).get(_name(path))


def _identity(path: Path) -> Identity:
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _name(path: Path) -> str:
    return json.dumps([*_identity(path), path.stat().st_ctime_ns])


def _read(kept: Path) -> dict[str, str]:
    try:
        written = read_json(kept, what="file of hashes") if kept.exists() else {}
    except BadFile:
        return {}
    return {name: digest for name, digest in written.items() if isinstance(digest, str)}
