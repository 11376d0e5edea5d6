"""CSV files: a column that asks and a column that answers."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from suture.core.errors import BadFile, UnknownName
from suture.files.text_files import open_text
from suture.suites.convert.answers import text_check
from suture.suites.convert.converter import Choices, Converter, Item, NotConverted, items_of_rows

_SEPARATORS = ",;\t|"


def _items(path: Path, choices: Choices) -> Iterator[Item]:
    prompt, expected, as_kind = choices.prompt or "", choices.expected or "", choices.as_kind or ""

    def convert(row: dict[str | None, Any]) -> dict[str, Any]:
        if None in row or None in row.values():
            raise NotConverted("it has more or fewer cells than the head of the table")
        if not row[prompt].strip():
            raise NotConverted("it asks nothing")
        if not row[expected].strip():
            raise NotConverted("it has no wanted answer")
        return {"id": row.get("id") or row["\0id"], "prompt": row[prompt], **text_check(row[expected], as_kind)}

    return items_of_rows(_rows(path, (prompt, expected)), convert)


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str | None, Any]]]:
    """Raises BadFile, UnknownName: no table, or a column that it does not have."""
    with open_text(path, what="table (CSV)") as text:
        head = text.readline()
        separator = max(_SEPARATORS, key=head.count)
        reader = csv.DictReader(text, fieldnames=_cells(head, separator, path), delimiter=separator, strict=True)
        for name in columns:
            if name not in (reader.fieldnames or ()):
                raise UnknownName("column", name, reader.fieldnames or ())
        began = 2
        try:
            for number, row in enumerate(reader, start=1):
                yield f"{path}, line {began}", {**row, "\0id": f"{path.stem}/{number}"}
                began = reader.line_num + 2
        except csv.Error as error:
            raise BadFile(f"{path}, line {began}: no table: {error}") from None


def _cells(head: str, separator: str, path: Path) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([head.lstrip("\ufeff")], delimiter=separator, strict=True))]
    except (csv.Error, StopIteration):
        raise BadFile(f"{path}, line 1: no head of a table") from None


CSV = Converter("CSV: a column that asks and one that answers", _items, needs=("prompt", "expected", "as_kind"))
