"""A file or a directory appears whole or not at all."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from suture.core.errors import Fault, UsageError


@contextmanager
def whole_file(out: Path) -> Iterator[Path]:
    """Give a path beside ``out`` to write to; on success it is synced and renamed, otherwise removed.

    Raises:
        Fault: the disk is full. Other errors pass through; ``out`` is untouched by all of them.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(out.name + ".partial")
    try:
        with _disk_full_named(out):
            yield partial
            _sync(partial)
            partial.replace(out)
            _sync(out.parent)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def whole_directory(out: Path) -> Iterator[Path]:
    """Like ``whole_file``, for an empty directory to fill.

    Raises:
        UsageError: ``out`` exists already.
        Fault: the disk is full.
    """
    if out.exists():
        raise UsageError(f"{out} exists already", mend="remove it or choose another name")
    partial = out.with_name(out.name + ".partial")
    try:
        with _disk_full_named(out):
            shutil.rmtree(partial, ignore_errors=True)  # of a run that was killed
            partial.mkdir(parents=True)
            yield partial
            for path in [*partial.rglob("*"), partial]:
                _sync(path)
            partial.rename(out)
            _sync(out.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def _disk_full_named(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise Fault(
            f"the disk is full: {out} could not be written, and nothing of it was kept",
            mend=f"free some space under {out.parent}, or write elsewhere, and run the same command again",
        ) from error


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
