"""CSV files: a column that asks and a column that answers."""

import csv
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, TextIO

from suture.core.errors import BadFile, UnknownName
from suture.files.text_files import open_text
from suture.suites.convert.answers import AS, LABEL, label_check, text_check
from suture.suites.convert.converter import Choices, Converter, Item, NotConverted, items_of_rows
from suture.suites.own_rows import OTHER_WORDS

EXACT = "exact"
MOST_LABELS, AGAIN = 26, 3
"""Different values of a column of labels, and how often each comes on average at least."""
_SEPARATORS = ",;\t|"
_MOST_HEAD_LINES = 20
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_COLUMN = re.compile(r"{([^{}]+)}")
"""A column in the text of a question."""


def _items(path: Path, choices: Choices) -> Iterator[Item]:
    prompt, expected, as_kind = choices.prompt or "", choices.expected or "", choices.as_kind or ""
    asks = _asked(prompt)
    labels = _values(path, expected) if as_kind == LABEL else []

    def convert(row: dict[str | None, Any]) -> dict[str, Any]:
        if None in row or None in row.values():
            raise NotConverted("it has more or fewer cells than the head of the table")
        if not any(row[name].strip() for name in asks):
            raise NotConverted("it asks nothing")
        if not row[expected].strip():
            raise NotConverted("it has no wanted answer")
        wanted = row[expected].strip()
        check = label_check(labels, wanted) if as_kind == LABEL else text_check(row[expected], as_kind)
        return {"id": row.get("id") or row["\0id"], "prompt": filled(prompt, row), **check}

    return items_of_rows(_rows(path, (*asks, expected)), convert)


def require_columns(path: Path, choices: Choices) -> None:
    """Raises UnknownName: a column that the table does not have."""
    _require((*_asked(choices.prompt or ""), choices.expected or ""), columns_of(path), path, choices)


def _require(columns: Iterable[str], known: Sequence[str], path: Path, given: Choices | None = None) -> None:
    for name in columns:
        if name not in known:
            raise UnknownName("column", name, known, mend=say_how(path, given))


def _asked(prompt: str) -> list[str]:
    """The columns in a question's text; the text itself is one where it has none."""
    return _COLUMN.findall(prompt) or [prompt]


def filled(prompt: str, row: Mapping[Any, Any]) -> Any:
    """What a row asks: the column ``prompt``, or the text with columns in it.

    Raises:
        KeyError: a column that the row does not have.
    """
    return _COLUMN.sub(lambda found: str(row[found[1]]), prompt) if _COLUMN.search(prompt) else row[prompt]


def _values(path: Path, column: str) -> list[str]:
    """The values of a column, each once, in the order in which they come."""
    return list(dict.fromkeys(_cells(path, column)))


def _cells(path: Path, column: str) -> Iterator[str]:
    """What stands in a column, without blanks around it; empty cells left out."""
    cells = (row[column] for _, row in _rows(path, (column,)))
    return (cell.strip() for cell in cells if cell and cell.strip())


def columns_of(path: Path) -> list[str]:
    """The names at the head of a table. Raises BadFile: no table."""
    with open_text(path, what="table (CSV)") as text:
        return _head(text, path)[0]


def asking_and_answering(names: Sequence[str]) -> tuple[str, str]:
    """What asks and what answers, by what the columns are called; else the first and the last. Several that ask are
    a text with columns in it."""
    if not names:
        return "", ""
    answers = next((name for name in reversed(names) if _means(name, "expected")), names[-1])
    asks = [name for name in names if _means(name, "prompt") and name != answers]
    return (" ".join(f"{{{name}}}" for name in asks) if len(asks) > 1 else (asks or names)[0]), answers


def _means(name: str, field: str) -> bool:
    return name.lower() == field or OTHER_WORDS.get(name.lower()) == field


def say_how(path: Path, given: Choices | None = None) -> str:
    """A command that converts the table, with what was ``given`` where that can be used."""
    known, given = columns_of(path), given or Choices()
    given_asks = given.prompt if given.prompt and set(_asked(given.prompt)) <= set(known) else None
    given_answers = given.expected if given.expected in known else None
    others = [name for name in known if name not in _asked(given_asks or "") and name != given_answers]
    asks, answers = asking_and_answering(others or known)
    asks, answers = given_asks or asks, given_answers or answers
    as_kind = given.as_kind if given.as_kind in AS else _likely(path, answers)
    out = given.out or path.with_suffix(".jsonl").name
    words = ("suture", "suite", "convert", path, "--from", "csv", "--out", out)
    return shlex.join([*map(str, words), "--prompt", asks, "--expected", answers, "--as", as_kind])


def _likely(path: Path, column: str) -> str:
    """How the values of a column are compared, by what they look like: a few that come again and again are labels."""
    try:
        cells = list(_cells(path, column))
    except (BadFile, UnknownName):
        return EXACT
    labels = len(set(cells))
    return LABEL if 1 < labels <= MOST_LABELS and len(cells) >= AGAIN * labels else EXACT


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str | None, Any]]]:
    """Raises BadFile, UnknownName: no table, or a column that it does not have."""
    with open_text(path, what="table (CSV)") as text:
        known, separator = _head(text, path)
        reader = csv.DictReader(text, fieldnames=known, delimiter=separator, strict=True)
        _require(columns, known, path)
        began = 2
        try:
            for number, row in enumerate(reader, start=1):
                yield f"{path}, line {began}", {**row, "\0id": f"{path.stem}/{number}"}
                began = reader.line_num + 2
        except csv.Error as error:
            raise BadFile(f"{path}, line {began}: no table: {error}") from None


def _head(text: TextIO, path: Path) -> tuple[list[str], str]:
    """The columns' names, and what stands between them."""
    head = text.readline()
    for _ in range(_MOST_HEAD_LINES):  # a line break inside quotation marks
        if head.count('"') % 2 == 0:
            break
        head += text.readline()
    separator = max(_SEPARATORS, key=_QUOTED.sub("", head).count)
    try:
        cells = next(csv.reader(StringIO(head.lstrip("\ufeff")), delimiter=separator, strict=True))
    except (csv.Error, StopIteration):
        mend = "begin the file with a line of the columns' names"
        raise BadFile(f"{path}, line 1: no head of a table", mend=mend) from None
    names = [cell.strip() for cell in cells]
    if twice := next((name for name in names if name and names.count(name) > 1), None):
        raise BadFile(f"{path}, line 1: two columns are named {twice!r}", mend="give each column a name of its own")
    return names, separator


CSV = Converter("CSV: a column that asks and one that answers", _items, needs=("prompt", "expected", "as_kind"))
