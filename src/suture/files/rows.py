"""Reads rows of JSON: one object a line, one array of objects, or one object; all or nothing."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TextIO, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from suture.core.errors import BadFile
from suture.core.json_types import is_list, is_object, is_object_text
from suture.core.strict_json import Unclear
from suture.core.surrogates import joined
from suture.files.complaints import name_of, not_json, wrong_value
from suture.files.looks_like import FileForm, looks_like_rows
from suture.files.text_files import open_text, refused

T = TypeVar("T")
Read = Callable[[str], Any]
WHAT = "JSON lines"
CORRECT = "correct that row, or leave it out"
AS_ROWS = "give one JSON object a line, or an array of them"
_LOOKED_AT = 50
"""Lines at the beginning of what is no JSON."""
_SEVERAL = FileForm("JSON objects over several lines each", "jq -c . {path} > converted.jsonl")
_COMMAS = FileForm("JSON objects with a comma after each", "sed 's/, *$//' {path} > converted.jsonl")


class BenchmarkRow(BaseModel):
    """A row in somebody else's format: the fields we use are checked, others are let be."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Located(NamedTuple):
    """Attributes:
    at: the file, and the line or item where there are several.
    """

    at: str
    row: dict[str, Any]


def located_rows(path: Path, *, mend: str | None = None, read: Read = json.loads) -> Iterator[Located]:
    """Every row of a file, plain or gzipped, in any encoding ``open_text`` knows.

    Args:
        mend: the command that makes such a file, where there is none.
        read: reads one JSON text, such as ``read_strictly``; by default as most readers do, so that of two equal keys
            the last one counts. Raises ValueError (``Unclear`` among them) or RecursionError.

    Raises:
        BadFile: no such file, no rows, or one that is no JSON object; names the line, and says what else it looks like.
    """
    found = False
    with open_text(path, what=WHAT, mend=mend, otherwise=AS_ROWS) as text:
        for located in _rows(text, path, read):
            found = True
            yield located
    if not found:
        raise BadFile(f"{path}: no rows: only blank lines", mend=AS_ROWS)


def read_rows(path: Path, parse: Callable[[dict[str, Any]], T], *, read: Read = json.loads) -> list[T]:
    """Parse every row of a file. ``read`` as in ``located_rows``.

    Raises:
        BadFile: as ``located_rows``, or a row that ``parse`` refuses; names the line.
    """
    return [parsed(located, parse) for located in located_rows(path, read=read)]


def parsed(located: Located, parse: Callable[[dict[str, Any]], T]) -> T:
    """``parse`` of one row. Raises BadFile with its place when it is refused."""
    try:
        return parse(located.row)
    except ValidationError as error:
        raise BadFile(f"{located.at}: {wrong_value(error)}", mend=CORRECT) from None
    except BadFile as error:
        raise BadFile(f"{located.at}: {error}", mend=error.mend or CORRECT) from None
    except RecursionError:
        raise BadFile(f"{located.at}: nested too deeply", mend=CORRECT) from None
    except (SyntaxError, ValueError, MemoryError) as error:
        raise BadFile(f"{located.at}: {error}", mend=CORRECT) from None


def _rows(text: TextIO, path: Path, read: Read) -> Iterator[Located]:
    before = 0
    for number, line in enumerate(text, start=1):
        content = joined(line).strip("\ufeff \t\r\n")
        if not content:
            continue
        try:
            value = read(content)
        except Unclear as error:
            raise BadFile(f"{path}, line {number}: {error}", mend=CORRECT) from None
        except (ValueError, RecursionError) as error:
            if before:
                cut = "" if line.endswith("\n") else "; the file may be cut off there"
                raise BadFile(f"{path}, line {number}: {not_json(error)}{cut}", mend=CORRECT) from None
            yield from _whole(line + text.read(), path, number, error, read)
            return
        if is_list(value) and not before:
            yield from _items(value, path, number, text.read())
            return
        before += 1
        yield Located(f"{path}, line {number}", _object(value, f"{path}, line {number}"))


def _whole(text: str, path: Path, number: int, error: ValueError | RecursionError, read: Read) -> Iterator[Located]:
    """A text whose first line is no JSON by itself: one value over several lines, or no JSON at all."""
    try:
        value = read(joined(text).strip("\ufeff \t\r\n"))
    except Unclear as repeated:
        raise BadFile(f"{path}: {repeated}", mend=CORRECT) from None
    except (ValueError, RecursionError) as whole_error:
        lines = [line for line in text.split("\n", _LOOKED_AT)[:_LOOKED_AT] if line.strip()]
        first = lines[0].rstrip()
        if first.endswith(",") and is_object_text(first.rstrip(",")):
            raise refused(path, _COMMAS, WHAT, AS_ROWS) from None
        if _is_extra(whole_error):
            raise refused(path, _SEVERAL, WHAT, AS_ROWS) from None
        if look := looks_like_rows(lines, path):
            raise refused(path, look, WHAT, AS_ROWS) from None
        if len(lines) > 1 and not lines[1].lstrip().startswith("{"):  # one value over several lines, and broken
            raise BadFile(f"{path}: {not_json(whole_error)}", mend=AS_ROWS) from None
        raise BadFile(f"{path}, line {number}: {not_json(error)}", mend=AS_ROWS) from None
    if is_list(value):
        yield from _items(value, path, number, "")
    else:
        yield Located(str(path), _object(value, str(path)))


def _is_extra(error: ValueError | RecursionError) -> bool:
    return isinstance(error, json.JSONDecodeError) and error.msg == "Extra data"


def _items(values: list[Any], path: Path, number: int, rest: str) -> Iterator[Located]:
    """The rows of an array; one that stands on a line among others is no row."""
    if rest.strip() or not values:
        raise BadFile(f"{path}, line {number}: {name_of(values)}, not an object", mend=AS_ROWS)
    for item, value in enumerate(values, start=1):
        at = f"{path}, item {item}"
        yield Located(at, _object(value, at))


def _object(value: Any, at: str) -> dict[str, Any]:
    if not is_object(value):
        raise BadFile(f"{at}: {name_of(value)}, not an object", mend=AS_ROWS)
    return value
