"""A directory for a unix socket that only this user may enter. Those of processes that were killed are swept."""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from suture.core.errors import Fault

LONGEST_SOCKET_PATH = 103
"""Bytes: sun_path of unix(7) holds 107, of macOS 103."""
PREFIX = "suture-socket-"
LOCK = "lock"
"""A file that the directory's process holds locked (flock(2)): the kernel lets go when that process ends."""


class SocketDirectory:
    """A new directory, mode 0700, whose path leaves room for a socket called ``name``.

    Attributes:
        socket: the path for the socket.

    Raises:
        Fault: no temporary directory has a path short enough.
    """

    def __init__(self, name: str) -> None:
        root = _root_for(name)
        remove_abandoned(root)
        self._path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
        self._owner = os.getpid()
        self._held = _new_lock(self._path)
        self.socket = self._path / name

    def remove(self) -> None:
        """A process that was forked off removes nothing: its parent still uses it."""
        if os.getpid() == self._owner:
            shutil.rmtree(self._path, ignore_errors=True)
            os.close(self._held)


def remove_abandoned(root: Path) -> None:
    """Remove directories of this user in ``root`` whose process was killed before it could remove them."""
    for folder in root.glob(f"{PREFIX}*"):
        try:
            lock = os.open(folder / LOCK, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError:
            continue  # somebody else's, or so new that it has no lock yet
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if folder.lstat().st_uid == os.geteuid():
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # its process is alive, or another one swept it just now
        finally:
            os.close(lock)


def _root_for(name: str) -> Path:
    for root in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 - mkdtemp makes a new directory there
        length = len(os.fsencode(root)) + len(f"/{PREFIX}12345678/{name}")
        if length <= LONGEST_SOCKET_PATH and os.access(root, os.W_OK):
            return Path(root)
    raise Fault("no temporary directory has a path short enough for a unix socket", mend="TMPDIR=/tmp suture ...")


def _new_lock(folder: Path) -> int:
    """An open file that is locked before it is seen under its name."""
    unseen = folder / f"{LOCK}.new"
    lock = os.open(unseen, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    unseen.rename(folder / LOCK)
    return lock
