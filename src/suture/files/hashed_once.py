"""Hashes a file once for as long as it is the same file, also across processes."""

import json
import threading
from pathlib import Path

from suture.core.errors import BadFile, SutureError
from suture.files.remembered import identity
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
        self._kept, self._known = kept, _read(kept)
        self._lock = threading.Lock()

    def __call__(self, path: Path) -> str:
        """Raises OSError: no such file."""
        name = _name(path)
        with self._lock:
            known = self._known.get(name)
        if known is not None:
            return known
        digest = sha256_of(path)
        if _name(path) == name:
            with self._lock:
                self._known[name] = digest
                self._keep(name, digest)
        return digest

    def _keep(self, name: str, digest: str) -> None:
        """Another process may have kept some meanwhile."""
        hashes = _read(self._kept) | {name: digest}
        try:
            write_json(self._kept, dict(list(hashes.items())[-MOST_KEPT:]))
            self._kept.chmod(0o600)
        except (OSError, SutureError):
            return  # a store that cannot be written is no reason not to serve


def _name(path: Path) -> str:
    return json.dumps(identity(path.stat()))


def _read(kept: Path) -> dict[str, str]:
    try:
        written = read_json(kept, what="file of hashes") if kept.exists() else {}
    except BadFile:
        return {}
    return {name: digest for name, digest in written.items() if isinstance(digest, str)}
