"""Text files that people hand in: UTF-8, UTF-16 or UTF-32, with a byte order mark or without, plain or gzipped."""

import gzip
import io
import json
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from suture.core.errors import BadFile
from suture.core.nearest import nearest
from suture.core.surrogates import joined
from suture.files.looks_like import HEAD, FileForm, looks_like, looks_like_text

_Bytes = io.BufferedReader | gzip.GzipFile
_GZIP = b"\x1f\x8b"
_MOST_NAMED = 3


@contextmanager
def open_text(path: Path, *, what: str, mend: str | None = None, otherwise: str = "") -> Generator[TextIO]:
    """Open a text file, whatever its encoding. Line ends come as ``\\n``, and half a character as it is.

    Args:
        what: names for people what the file should be, such as ``JSON lines``.
        mend: the command that makes such a file, where there is none.
        otherwise: what mends a file that is something else, where that something has no way out of its own.

    Raises:
        BadFile: not there, or no text; says what it looks like. Also while it is read, when it turns out to be cut off.
    """
    otherwise = otherwise or mend or f"give a {what}"
    try:
        with _bytes_of(path) as stream:
            encoding = _encoding_of(_head_of_text(stream, path, what, otherwise))
            with io.TextIOWrapper(stream, encoding, errors="surrogatepass") as text:
                yield text
    except IsADirectoryError:
        raise BadFile(f"{path}: a directory, and no {what}{_inside(path)}", mend="name a file in it") from None
    except gzip.BadGzipFile as error:
        raise BadFile(f"{path}: a damaged gzip file ({error})", mend="download it again") from None
    except OSError as error:
        raise BadFile(f"{path}: no {what} here ({error.strerror or error})", mend=mend or _what_is_near(path)) from None
    except (EOFError, zlib.error):
        raise BadFile(f"{path}: a gzip file that is cut off or damaged", mend="download it again") from None
    except UnicodeDecodeError as error:
        raise _undecodable(path, what, error) from None


def read_text(path: Path, *, what: str, mend: str | None = None) -> str:
    """All of a text file, without a byte order mark.

    Raises:
        BadFile: as ``open_text``.
    """
    with open_text(path, what=what, mend=mend) as text:
        return joined(text.read()).removeprefix("\ufeff")


def refused(path: Path, look: FileForm, what: str, otherwise: str) -> BadFile:
    """The complaint about a file that is something else. ``otherwise``: what mends it if ``look`` knows no way out."""
    mend = look.mend.replace("{path}", str(path)) if look.mend else otherwise
    return BadFile(f"{path}: {look.what}, and no {what}", mend=mend)


@contextmanager
def _bytes_of(path: Path) -> Generator[_Bytes]:
    with path.open("rb") as plain:
        if plain.peek(2)[:2] != _GZIP:
            yield plain
            return
        with gzip.GzipFile(fileobj=plain) as unpacked:
            yield unpacked


def _head_of_text(stream: _Bytes, path: Path, what: str, otherwise: str) -> bytes:
    """The first bytes. Raises BadFile when they show that this is something else."""
    head = stream.peek(HEAD)[:HEAD]
    look = looks_like(head, path)
    if look is None:
        start = head.decode(_encoding_of(head), "replace")
        look = looks_like_text(start) or (_with_zeros(start) if "\x00" in start else None)
    if look is not None:
        raise refused(path, look, what, otherwise)
    return head


def _with_zeros(start: str) -> FileForm:
    text = start.rstrip("\x00")
    if text.strip() and all(letter.isprintable() or letter.isspace() for letter in text):
        what = "text that ends in zero bytes, as a file that was being written when the machine stopped"
        return FileForm(what, "tr -d '\\000' < {path} > whole.txt, and look at its last line")
    return FileForm("binary data, no text")


def _encoding_of(head: bytes) -> str:
    """By the byte order mark, else by where the zero bytes are (RFC 4627, 3): the first character is in ASCII."""
    return json.detect_encoding(head)


def _what_is_near(path: Path) -> str:
    """The file beside it with nearly its name, else what lists the nearest directory that is there."""
    beside = path.parent.iterdir() if path.parent.is_dir() else ()
    if near := nearest(str(path), map(str, beside), cutoff=0.8):
        return f"did you mean {near}?"
    return f"ls {next(folder for folder in path.absolute().parents if folder.is_dir())}"


def _inside(path: Path) -> str:
    names = sorted(entry.name for entry in path.iterdir() if entry.is_file())
    files = f"{', '.join(names[:_MOST_NAMED])}{', ...' if len(names) > _MOST_NAMED else ''}"
    return f"; in it: {files}" if names else ""


def _undecodable(path: Path, what: str, error: UnicodeDecodeError) -> BadFile:
    whole = error.object[: error.start]
    if error.reason == "unexpected end of data" and error.end == len(error.object) and not whole.isascii():
        return BadFile(f"{path}: cut off in the middle of a character, and no {what}", mend="write or fetch it again")
    if error.encoding.replace("_", "-").startswith("utf-8"):
        line = _line_that_is_not_utf8(path)
        byte = error.object[error.start]
        return BadFile(
            f"{path}{f', line {line}' if line else ''}: not UTF-8 text (byte 0x{byte:02x}), and no {what}",
            mend=f"iconv -f WINDOWS-1252 -t UTF-8 {path} > utf8-{path.name}",
        )
    return BadFile(f"{path}: cut off, or no {error.encoding.upper()} text", mend="save it as UTF-8")


def _line_that_is_not_utf8(path: Path) -> int | None:
    with _bytes_of(path) as stream:
        for number, line in enumerate(stream, start=1):
            try:
                line.decode("utf-8", "surrogatepass")
            except UnicodeDecodeError:
                return number
    return None
