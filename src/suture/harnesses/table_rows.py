"""Results in a table: CSV or TSV with a line of column names, as spreadsheets and data frames write them."""

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from suture.core.errors import BadFile
from suture.files.looks_like import table_in
from suture.files.rows import Located
from suture.files.text_files import open_text

_LOOKED_AT = 50
_LONGEST = 1 << 24
"""Characters of one cell; answers of models stand in them."""
AS_ROWS = "give rows of id and passed, as CSV or a JSON object a line (docs/ci.md)"
UNCLOSED = "unexpected end of data"
"""What Python's module says where a quotation mark is never closed."""
MEND = "give as many cells in each row as there are columns"


def delimiter_of(path: Path) -> str | None:
    """What parts the cells of a table; None where the file is no table with results."""
    with open_text(path, what="results", otherwise=AS_ROWS) as text:
        lines = list(islice(text, _LOOKED_AT))
    if not lines or lines[0].lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return None
    found = table_in(lines, path)
    return None if found is None else found[0]


def rows_of_table(path: Path, delimiter: str) -> list[Located]:
    """Raises BadFile: a row with more or fewer cells than there are columns, or a column that is there twice."""
    return list(_rows(path, delimiter))


def _rows(path: Path, delimiter: str) -> Iterator[Located]:
    before = csv.field_size_limit(_LONGEST)
    try:
        with open_text(path, what="results", otherwise=AS_ROWS) as text:
            reader = csv.reader(text, delimiter=delimiter, strict=True)
            names = [name.strip().lstrip("\ufeff") for name in next(reader)]
            if twice := [name for name in names if names.count(name) > 1]:
                raise BadFile(f"{path}, line 1: column {twice[0]!r} is there twice", mend="rename one of the two")
            for cells in reader:
                at = f"{path}, line {reader.line_num}"
                if not any(cell.strip() for cell in cells):
                    continue
                if len(cells) != len(names):
                    raise BadFile(f"{at}: {len(cells)} cells under {len(names)} columns", mend=MEND)
                yield Located(at, dict(zip(names, cells, strict=True)))
    except csv.Error as error:
        if str(error) == UNCLOSED:
            raise BadFile(
                f"{path}: cut off, or a cell whose quotation mark is never closed",
                mend='close it: "...", and "" within',
            ) from None
        raise BadFile(f"{path}: not a table that can be read ({error})", mend=MEND) from None
    finally:
        csv.field_size_limit(before)
