"""Says what a file of tasks looks like, and which format reads it: for a file that is given to another."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from suture.core.errors import BadFile
from suture.files.looks_like import table_in
from suture.files.rows import located_rows
from suture.files.text_files import open_text
from suture.suites.convert.converter import Converter
from suture.suites.convert.table_file import asking_and_answering, say_how

_LOOKED_AT = 50
_MOST_NAMED = 8
_READS = {True: "rows of JSON", False: "a configuration"}


def require_form(path: Path, name: str, converters: Mapping[str, Converter]) -> None:
    """Raises BadFile: a table or a configuration where rows are read, or rows where a table is."""
    if not path.is_file():
        return
    with open_text(path, what="file of tasks") as text:
        lines = [line for line, _ in zip(text, range(_LOOKED_AT), strict=False) if line.strip()]
    first = lines[0].lstrip("\ufeff \t") if lines else ""
    if first.startswith(("{", "[")):
        if not converters[name].fields and (name == "csv" or path.suffix == ".jsonl"):
            raise other_layout(path, name, converters)
        return
    if not lines or name == "csv":
        return
    if converters[name].fields or path.suffix in (".csv", ".tsv"):
        if table := table_in(lines, path):
            columns, reads = _named(table[1]), _READS[bool(converters[name].fields)]
            raise BadFile(
                f"{path}: a table with the columns {columns}; format {name} reads {reads}",
                mend=say_how(path),
            )
        if any(line.startswith(("prompts:", "tests:", "providers:")) for line in lines):
            mend = _command(path, "promptfoo")
            raise BadFile(f"{path}: YAML, such as promptfoo's; format {name} reads rows of JSON", mend=mend)


def other_layout(path: Path, name: str, converters: Mapping[str, Converter]) -> BadFile:
    """The complaint about a file none of whose rows is laid out as the format is."""
    row = next(located_rows(path)).row
    wanted = " and ".join(converters[name].fields)
    reads = f"format {name} reads {wanted}" if wanted else f"format {name} reads no rows of JSON"
    said = f"{path}: its rows have the fields {_named(list(row))}; {reads}"
    if (best := best_fit(row, converters)) not in (None, name):
        return BadFile(f"{said}; they look like {best}", mend=_command(path, best))
    asks, answers = asking_and_answering([key for key, value in row.items() if _is_text(value)])
    if asks and answers and asks != answers:
        fields = ["--prompt", asks, "--expected", answers, "--as", "exact"]
        return BadFile(said, mend=_command(path, "inspect", *fields))
    return BadFile(said, mend="suture suite convert --help")


def best_fit(row: Mapping[str, Any], converters: Mapping[str, Converter]) -> str | None:
    """The format that knows most of a row's fields, the first of several; None where none knows it."""
    fits = [
        name for name, each in converters.items() if each.fields and set(each.fields) <= row.keys() and each.knows(row)
    ]
    return max(fits, key=lambda name: len(converters[name].fields), default=None)


def is_another(path: Path, name: str, converters: Mapping[str, Converter], *, laid_out: bool) -> bool:
    """Tell whether the first row is not of the format: it lacks a field and none is laid out so, or has more fields of
    another."""
    row = next(located_rows(path)).row
    fields = converters[name].fields
    best = best_fit(row, converters)
    known = len(fields) if set(fields) <= row.keys() else 0
    return (not laid_out and not known) or (best is not None and len(converters[best].fields) > known)


def _is_text(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _named(names: list[str]) -> str:
    return ", ".join(names[:_MOST_NAMED]) + (", ..." if len(names) > _MOST_NAMED else "")


def _command(path: Path, format_: str, *options: str) -> str:
    out = path.with_suffix(".tasks.jsonl").name
    return shlex.join(["suture", "suite", "convert", str(path), "--from", format_, "--out", out, *options])
