"""A file or directory appears under its final name whole, or not at all."""

import errno
import os
import re
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from suture.core.errors import NOT_ALLOWED, RAN_FULL, DiskFull, NoPermission, SutureError, UsageError

_SAY_FULL = (*map(os.strerror, RAN_FULL), "unexpected pos")
"""The last is what torch says of a file that takes less than was written."""


@contextmanager
def whole_file(path: Path) -> Generator[Path]:
    """Give a path beside ``path`` to write to; synced and renamed if all went well, otherwise removed.

    Raises:
        DiskFull: ``path`` stays as it was.
        NoPermission: this user may not write there.
    """
    partial = _partial(path)
    try:
        with _said_clearly(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            _remove_what_the_dead_left(path)
            yield partial
            sync(partial)
            partial.replace(path)
            sync(path.parent)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def whole_directory(path: Path) -> Generator[Path]:
    """Like ``whole_file``, for an empty directory to fill.

    Raises:
        UsageError: ``path`` exists already.
        DiskFull, NoPermission: as ``whole_file``.
    """
    if path.exists():
        raise UsageError(f"{path} exists already", mend="remove it or choose another name")
    partial = _partial(path)
    try:
        with _said_clearly(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            _remove_what_the_dead_left(path)
            partial.mkdir()
            yield partial
            rename_whole(partial, path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def scratch_directory(path: Path) -> Generator[Path]:
    """Give a directory beside ``path`` for as long as it is needed; nothing of it stays, and none of one of a process
    that was killed.

    Raises:
        DiskFull, NoPermission: as ``whole_file``.
    """
    scratch = _partial(path)
    try:
        with _said_clearly(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            _remove_what_the_dead_left(path)
            scratch.mkdir()
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def rename_whole(partial: Path, path: Path) -> None:
    """Give a directory that is filled its name, when all in it is on the disk. Raises OSError: the name is taken."""
    for inside in [*partial.rglob("*"), partial]:
        sync(inside)
    partial.rename(path)
    sync(path.parent)


LEFTOVER = re.compile(r"\..+\.partial-\d+|\..+\.unproved\.gguf")
"""Names of what is not whole yet. After a process was killed it may stay."""


def remove_whole(path: Path) -> None:
    """Remove a file or directory at once: a directory is never there with only a part of what was in it."""
    if not path.is_dir() or LEFTOVER.fullmatch(path.name):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        return
    doomed = _partial(path)
    path.rename(doomed)
    sync(path.parent)
    shutil.rmtree(doomed)


def _partial(path: Path) -> Path:
    return path.with_name(f".{path.name}.partial-{os.getpid()}")


def remove_what_the_dead_left(folder: Path) -> None:
    """Remove whatever processes that were killed left half-written in a directory of this machine."""
    _remove_partials(folder, ".+", own=False)


def _remove_what_the_dead_left(path: Path) -> None:
    """What lies beside ``path``: whatever an earlier process with this one's number began is nobody's, too."""
    _remove_partials(path.parent, re.escape(path.name), own=True)


def _remove_partials(folder: Path, name: str, *, own: bool) -> None:
    """A process that was killed could not clean up; its number is in the name."""
    pattern = re.compile(rf"\.{name}\.partial-(\d+)")
    for inside in folder.iterdir():
        match = pattern.fullmatch(inside.name)
        if match is None or (is_running(int(match[1])) and not (own and int(match[1]) == os.getpid())):
            continue
        if inside.is_dir():
            shutil.rmtree(inside, ignore_errors=True)
        else:
            inside.unlink(missing_ok=True)


def is_running(pid: int) -> bool:
    """Tell whether a process of this machine has this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def _said_clearly(path: Path) -> Generator[None]:
    try:
        yield
    except Exception as error:
        if _ran_full(error):
            raise DiskFull(
                f"the disk is full: {path} could not be written, and nothing of it was kept",
                mend=f"free some space under {path.parent}, and run it again",
            ) from error
        if not isinstance(error, OSError):
            raise
        if error.errno in NOT_ALLOWED:
            said = f"cannot write {path}: {error.strerror}"
            raise NoPermission(said, mend="give this user the permission, or name another place") from error
        if error.errno in (errno.EISDIR, errno.ENOTDIR, errno.EEXIST):
            raise UsageError(f"cannot write {path}: {error.strerror}", mend="choose another name") from error
        raise


def _ran_full(error: Exception) -> bool:
    """Libraries that write files say it in words of their own."""
    if isinstance(error, SutureError):
        return False
    number = error.errno if isinstance(error, OSError) else None
    return number in RAN_FULL or any(words in str(error) for words in _SAY_FULL)


def sync(path: Path) -> None:
    """What was written to a file, or a directory's names, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
