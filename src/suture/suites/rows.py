"""Reads JSON lines: each row checked, each complaint with its line, all or nothing."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from suture.core.errors import BadFile

T = TypeVar("T")


class BenchmarkRow(BaseModel):
    """A row in somebody else's format: the fields we use are checked, others are let be."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def refuse_bare_inputs(row: Mapping[str, Any]) -> None:
    """Refuse a row whose tests are inputs without outputs, as evalplus's own files have them.

    Raises:
        BadFile: without the reference run on every input, only a part of the tests would be there.
    """
    if found := [name for name in ("base_input", "plus_input") if row.get(name)]:
        raise BadFile(
            f"{found[0]} holds inputs alone, and judging without the outputs that belong to them would be half a test",
            mend="take the rows of evalplus/humanevalplus or evalplus/mbppplus on the Hub: their `test` has both",
        )


def read_rows(path: Path, parse: Callable[[dict[str, Any]], T]) -> list[T]:
    """Parse every row of a ``.jsonl`` or ``.jsonl.gz`` file.

    Raises:
        BadFile: no such file, a line that is no JSON object, or one ``parse`` refuses; names the line.
    """
    parsed: list[T] = []
    for number, line in _lines(path):
        try:
            row = json.loads(line)
            json.dumps(row, ensure_ascii=False).encode()  # half a character is no text: no file could hold it
        except (ValueError, RecursionError) as error:
            raise BadFile(f"{path}, line {number}: not JSON ({error})") from None
        if not isinstance(row, dict):
            raise BadFile(f"{path}, line {number}: a JSON {type(row).__name__}, not an object")
        try:
            parsed.append(parse(row))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"]) or "row"
            raise BadFile(f"{path}, line {number}: {field}: {first['msg']}") from None
        except BadFile as error:
            raise BadFile(f"{path}, line {number}: {error}", mend=error.mend) from None
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise BadFile(f"{path}, line {number}: {error}") from None
    if not parsed:
        raise BadFile(f"{path}: no rows")
    return parsed


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, line
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or error}") from None
    except (EOFError, UnicodeDecodeError, zlib.error) as error:
        raise BadFile(f"{path}: cut off or not UTF-8 text ({error})") from None
