"""Says what a file is that is not what it should be: by its first bytes, not by its name."""

import ast
import csv
import re
import zipfile
from pathlib import Path
from typing import NamedTuple

HEAD = 4096
"""Bytes that are looked at."""


class FileForm(NamedTuple):
    """Attributes:
    what: names the thing for people.
    mend: the command that turns it into what can be read, if there is one; ``{path}`` stands for the file.
    """

    what: str
    mend: str | None = None


_AS_LINES = "to_json('converted.jsonl', orient='records', lines=True)"
_BY_FIRST_BYTES = (
    (b"PAR1", FileForm("a Parquet table", f"python -c \"import pandas; pandas.read_parquet('{{path}}').{_AS_LINES}\"")),
    (
        b"ARROW1",
        FileForm("an Arrow table", f"python -c \"import pandas; pandas.read_feather('{{path}}').{_AS_LINES}\""),
    ),
    (b"BZh", FileForm("a bzip2 archive", "bunzip2 --keep {path}")),
    (b"\xfd7zXZ\x00", FileForm("an xz archive", "unxz --keep {path}")),
    (b"\x28\xb5\x2f\xfd", FileForm("a Zstandard archive", "unzstd {path}")),
    (b"7z\xbc\xaf\x27\x1c", FileForm("a 7z archive", "7z x {path}")),
    (b"SQLite format 3\x00", FileForm("an SQLite database")),
    (b"\x89HDF\r\n", FileForm("an HDF5 file")),
    (b"GGUF", FileForm("a GGUF model")),
    (b"%PDF-", FileForm("a PDF document")),
    (b"\x93NUMPY", FileForm("a NumPy array")),
    (b"\x80\x04\x95", FileForm("a Python pickle")),
)
_TABLES = {",": "CSV", "\t": "TSV", ";": "CSV"}
"""Delimiters, and what a table with them is called."""
_LFS = FileForm("a Git LFS pointer: the file itself was not downloaded", "git lfs pull")
_ANNEX = FileForm("a git-annex pointer: the file itself was not downloaded", "git annex get {path}")
_HTML = FileForm("an HTML page, as a link to a web page gives", "download the raw file, not the page that shows it")
_XML = FileForm("an XML document")


def looks_like(head: bytes, path: Path) -> FileForm | None:
    """Say what the first ``HEAD`` bytes of ``path`` show it to be, if that is certainly no text of rows or keys."""
    if not head:
        return FileForm("an empty file")
    for start, look in _BY_FIRST_BYTES:
        if head.startswith(start):
            return look
    if head.startswith(b"PK\x03\x04"):
        return _zip(path)
    if not head.strip(b"\x00"):
        return FileForm("nothing but zero bytes, as a download that was cut off leaves")
    if len(head) > 262 and head[257:262] == b"ustar":
        return FileForm("a tar archive", "tar -xf {path}")
    return None


def looks_like_text(start: str) -> FileForm | None:
    """Say the same of the beginning of a text."""
    start = start.lstrip("\ufeff \t\r\n")
    if start.startswith("version https://git-lfs"):
        return _LFS
    if re.match(r"(\.\./)*(\.git/annex/objects|annex/objects)/|/annex/objects/", start):
        return _ANNEX
    if re.match(r"<!doctype html|<html|<head|<body", start, re.IGNORECASE):
        return _HTML
    if start.startswith("<?xml"):
        return _XML
    return None


def looks_like_rows(lines: list[str], path: Path) -> FileForm | None:
    """Say what the first lines of a text are, where JSON was wanted."""
    first = lines[0].strip().lstrip("\ufeff")
    if first.startswith("{") and _is_python(first):
        return FileForm("rows in Python's own notation, not JSON", "write them with json.dumps(row), not with str(row)")
    if (table := table_in(lines, path)) is not None:
        delimiter, columns = table
        told = f"{', '.join(columns[:6])}{', ...' if len(columns) > 6 else ''}"
        read = f"csv.DictReader(open('{{path}}', newline='', encoding='utf-8-sig'), delimiter={delimiter!r})"
        mend = f'python -c "import csv, json; [print(json.dumps(row)) for row in {read}]" > converted.jsonl'
        return FileForm(f"a {_TABLES[delimiter]} table (columns {told})", mend)
    return FileForm("YAML") if re.match(r"---\s*$|(- )?[\w-]+:(\s|$)|- ", first) else None


def table_in(lines: list[str], path: Path) -> tuple[str, list[str]] | None:
    """What parts the cells of a table, and the names of its columns; None where the first lines are of no table."""
    named = path.suffix.lower() in (".csv", ".tsv")
    found = ((delimiter, _columns(lines, delimiter, named=named)) for delimiter in _TABLES)
    return next((table for table in found if table[1]), None)


def _columns(lines: list[str], delimiter: str, *, named: bool) -> list[str]:
    """Names of a table's columns: words on the first line, as many fields in the second row.

    Args:
        named: the file's name says that it is a table, so that any text may be a column's name.
    """
    try:
        rows = [row for row in csv.reader([f"{line}\n" for line in lines], delimiter=delimiter) if row]
    except csv.Error:
        return []
    names = [name.strip().lstrip("\ufeff") for name in rows[0]] if rows else []
    words = named or all(re.fullmatch(r"[\w .@/-]{1,40}", name) for name in names)
    return names if words and len(names) > 1 and len(rows) > 1 and len(rows[1]) == len(names) else []


def _is_python(line: str) -> bool:
    try:
        return isinstance(ast.literal_eval(line), dict)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _zip(path: Path) -> FileForm:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return FileForm("a zip archive that is cut off")
    if "[Content_Types].xml" in names:
        return FileForm("an Excel or Word document", "save it as CSV first")
    if "_journal/start.json" in names:
        return FileForm("a log of inspect_ai", "suture compare before.eval after.eval")
    return FileForm(f"a zip archive (of {', '.join(names[:3])}{', ...' if len(names) > 3 else ''})", "unzip {path}")
