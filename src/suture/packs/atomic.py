"""A file appears whole or not at all."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from suture.core.errors import Fault


@contextmanager
def whole_file(out: Path) -> Iterator[Path]:
    """Give a path beside ``out`` to write to; on success it is synced and renamed, otherwise removed.

    Raises:
        Fault: the disk is full. Other errors pass through; ``out`` is untouched by all of them.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(out.name + ".partial")
    try:
        yield partial
        _sync(partial)
        partial.replace(out)
        _sync(out.parent)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise Fault(
                f"the disk is full: {out} could not be written, and nothing of it was kept",
                mend=f"free some space under {out.parent}, or write elsewhere, and run the same command again",
            ) from error
        raise
    finally:
        partial.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
