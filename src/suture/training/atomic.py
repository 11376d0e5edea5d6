"""A directory appears whole or not at all."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from suture.core.errors import Fault, UsageError


@contextmanager
def whole_directory(out: Path) -> Iterator[Path]:
    """Give an empty directory beside ``out`` to fill; on success it is synced and renamed, otherwise removed.

    Raises:
        UsageError: ``out`` exists already.
        Fault: the disk is full. Other errors pass through; nothing is left under ``out`` by any of them.
    """
    if out.exists():
        raise UsageError(f"{out} exists already", mend="remove it or choose another name")
    partial = out.with_name(out.name + ".partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)  # of a run that was killed
        partial.mkdir(parents=True)
        yield partial
        for path in [*partial.rglob("*"), partial]:
            _sync(path)
        partial.rename(out)
        _sync(out.parent)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise Fault(
                f"the disk is full: {out} could not be written, and nothing of it was kept",
                mend=f"free some space under {out.parent}, or write elsewhere, and run the same command again",
            ) from error
        raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
