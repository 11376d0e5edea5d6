"""A file or directory appears under its final name whole, or not at all."""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from suture.core.errors import BadFile, Fault

M = TypeVar("M", bound=BaseModel)


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Gives a path beside ``path`` to write a file or directory to; renames it into place if all went well.

    Raises:
        Fault: the disk is full, or the place cannot be written to. Nothing is left behind.
    """
    partial = path.with_name(f".{path.name}.partial-{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        for written in [partial, *partial.rglob("*")] if partial.is_dir() else [partial]:
            _sync(written)
        partial.replace(path)
        _sync(path.parent)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Fault(f"disk full while writing {path}", mend="free some space, then run the same command") from error
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise Fault(f"cannot write {path}: {error.strerror}") from error
        raise
    finally:
        if partial.is_dir():
            shutil.rmtree(partial, ignore_errors=True)
        else:
            partial.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """A file's bytes, or a directory's names: not what lies in it, which may be other people's and gone already."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_text(path: Path, text: str) -> str:
    """Write whole; returns the SHA-256 of the bytes."""
    data = text.encode()
    with written_whole(path) as partial:
        partial.write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def write_json(path: Path, value: Any) -> str:
    """Indented, keys in their own order; returns the SHA-256 of the bytes."""
    return write_text(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def read_model(path: Path, model: type[M], *, what: str, mend: str | None = None) -> M:
    """Read a JSON file into ``model``.

    Raises:
        BadFile: missing, or not what it should be; ``what`` names it for people.
    """
    try:
        return model.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BadFile(f"{path}: no {what} here ({error.strerror})", mend=mend) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadFile(f"{path}: not a {what}: {where}: {first['msg']}", mend=mend) from None


def sha256_of(path: Path) -> str:
    """Of a file's bytes, without holding them in memory.

    Raises:
        BadFile: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from None


def link_or_copy(source: Path, target: Path) -> None:
    """The same bytes under a second name: a hard link where the file system has them, else a copy."""
    if target.exists():
        return
    with written_whole(target) as partial:
        try:
            partial.hardlink_to(source)
        except OSError:
            shutil.copyfile(source, partial)
