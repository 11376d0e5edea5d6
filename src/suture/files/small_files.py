"""Small files: text and JSON written whole, JSON read into a type, any file named by its hash."""

import hashlib
import json
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from suture.core.errors import BadFile
from suture.core.frozen import from_json_text
from suture.core.json_types import is_object
from suture.core.surrogates import encoded
from suture.files.atomic import whole_file
from suture.files.complaints import not_json, wrong_value
from suture.files.remembered import Remembered
from suture.files.text_files import read_text

LARGEST_JSON = 1 << 27
"""Bytes. Tokenizers of 260,000 tokens take some 35 MB."""
M = TypeVar("M", bound=BaseModel)


def write_text(path: Path, text: str) -> str:
    """Returns the SHA-256 of the bytes. Half a character is written as its escape, ``\\ud835``."""
    data = encoded(text)
    with whole_file(path) as partial:
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
        return from_json_text(model, read_text(path, what=what, mend=mend))
    except ValidationError as error:
        raise BadFile(f"{path}: not a {what}: {wrong_value(error)}", mend=mend) from None


def read_json(path: Path, *, what: str, mend: str | None = None) -> dict[str, Any]:
    """A JSON object that somebody else wrote.

    Raises:
        BadFile: missing, too large, nested too deeply, or no JSON object.
    """
    try:
        if path.stat().st_size > LARGEST_JSON:
            raise BadFile(f"{path} is too large for a {what}", mend=mend)
        value = json.loads(read_text(path, what=what, mend=mend))
    except OSError as error:
        raise BadFile(f"{path}: no {what} here ({error.strerror})", mend=mend) from None
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{path} cannot be read as a {what}: {not_json(error)}", mend=mend) from error
    if not is_object(value):
        raise BadFile(f"{path} is not a {what}", mend=mend)
    return value


def require_inside(directory: Path) -> None:
    """A model's directory from elsewhere may not reach for files of this machine.

    A link may lead within the directory, or within a hub cache's own (``snapshots/REVISION`` to ``blobs``).

    Raises:
        BadFile: a link that leads elsewhere.
    """
    home = directory.parent.parent if directory.parent.name == "snapshots" else directory
    for entry in directory.rglob("*"):
        if entry.is_symlink() and not entry.resolve().is_relative_to(home.resolve()):
            raise BadFile(
                f"{entry} is a link that leads out of the model's directory", mend="put the file itself there"
            )


def copy_verified(source: Path, target: Path, sha256: str) -> None:
    """The bytes named by ``sha256`` under ``target``: copied, not linked, so that no later change to ``source`` shows.

    Raises:
        BadFile: ``source`` does not hold those bytes.
    """
    if target.exists() and sha256_of(target) == sha256:
        return
    with whole_file(target) as partial:
        shutil.copyfile(source, partial)
        if (found := sha256_of(partial)) != sha256:
            raise BadFile(f"{source} was changed: it should be {sha256[:12]} and is {found[:12]}")


def sha256_of(path: Path) -> str:
    """Hash a file's bytes without holding them in memory, once for as long as it is the same file.

    Raises:
        BadFile: it cannot be read.
    """
    with _readable(path):
        return _hashes(path)


def sha256_now(path: Path) -> str:
    """As ``sha256_of``, but of the bytes that lie there now, whatever was found before.

    Raises:
        BadFile: it cannot be read.
    """
    with _readable(path), path.open("rb") as file:
        return _sha256(path, file)


@contextmanager
def _readable(path: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from None


def _sha256(_: Path, file: BufferedReader) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()


_hashes = Remembered(_sha256, most=4096)
