"""Hashes a file once for as long as it is the same file, also across processes."""

import json
import threading
from pathlib import Path

from suture.core.errors import BadFile, SutureError
from suture.files.remembered import Identity, identity
from suture.files.small_files import read_json, sha256_of, write_json

MOST_KEPT = 512
"""Files whose hashes are kept for the next process; the ones that were hashed first are forgotten first."""


class HashedOnce:
    """Called with a path it gives the SHA-256 of the file: hashed now, or known of an earlier call, perhaps by another
    process. ``suture verify`` hashes everything.

    Args:
        kept: a file in which hashes outlive this process. Whatever cannot be read or written of it is hashed again.
    """

    def __init__(self, kept: Path) -> None:
        self._known: dict[Identity, str] = {}
        self._lock = threading.Lock()
        self._kept: Path | None = kept

    def __call__(self, path: Path) -> str:
        """Raises OSError: no such file."""
        before = identity(path.stat())
        with self._lock:
            known = self._known.get(before)
        if known is not None:
            return known
        digest = self._of_an_earlier_process(before) or self._hashed(path, before)
        if identity(path.stat()) == before:
            with self._lock:
                self._known[before] = digest
        return digest

    def _hashed(self, path: Path, before: Identity) -> str:
        digest = sha256_of(path)
        if self._kept is not None and identity(path.stat()) == before:
            with self._lock:
                hashes = _read(self._kept) | {json.dumps(before): digest}
                try:
                    write_json(self._kept, dict(list(hashes.items())[-MOST_KEPT:]))
                    self._kept.chmod(0o600)
                except (OSError, SutureError):
                    self._kept = None  # a store that cannot be written is no reason not to serve
        return digest

    def _of_an_earlier_process(self, name: Identity) -> str | None:
        return None if self._kept is None else _read(self._kept).get(json.dumps(name))


def _read(kept: Path) -> dict[str, str]:
    try:
        written = read_json(kept, what="file of hashes") if kept.exists() else {}
    except BadFile:
        return {}
    return {name: digest for name, digest in written.items() if isinstance(digest, str)}
