"""SQLite databases as scripts: what a task of kind ``sql`` is set up from."""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from suture.core.remembered import remembered
from suture.suites.convert.converter import NotConverted

MOST_CHARACTERS = 200_000
"""Of a script: every task of the database holds it."""


_ROW = re.compile(r'INSERT INTO "(?:[^"]|"")*" VALUES(?=\()')
"""How a dumped row begins."""
_INFINITE = re.compile(r"""('(?:[^']|'')*'|"(?:[^"]|"")*")|(?<=[(,])(-?)Inf(?=[,)])""")
"""A text or a name, or an infinite number: older versions of SQLite write it so, and read it as a name."""
_ROWS_OF_ONE = 400
"""Rows that one statement adds: each on its own makes a script twice as long."""


def database_in(home: Path, name: str) -> str:
    """The script of the database ``name`` in a directory of databases.

    Raises:
        NotConverted: as ``script_of``, or the name is none of a directory.
    """
    if Path(name).name != name:
        raise NotConverted(f"{name!r} is no name of a database")
    return script_of(home / name / f"{name}.sqlite")


def first_there(*directories: Path) -> Path:
    """The first of the directories that is there; else the first."""
    return next((directory for directory in directories if directory.is_dir()), directories[0])


@remembered(4)
def script_of(path: Path) -> str:
    """The statements that make the database anew.

    Raises:
        NotConverted: it is not there, is no database, or is too large.
    """
    if not path.is_file():
        raise NotConverted(f"its database {path.name} is not in {path.parent.parent}")
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.text_factory = _text
    lines: list[str] = []
    size = 0
    try:
        for line in _merged(connection.iterdump()):
            size += len(line)
            if size > MOST_CHARACTERS:
                raise NotConverted(f"its database {path.name} has more than {MOST_CHARACTERS} characters as a script")
            lines.append(line)
    except (sqlite3.Error, UnicodeError) as error:
        raise NotConverted(f"its database {path.name} cannot be read: {error}") from None
    finally:
        connection.close()
    return "\n".join(_with_infinity(line) for line in lines if line not in ("BEGIN TRANSACTION;", "COMMIT;"))


def _with_infinity(statement: str) -> str:
    if _ROW.match(statement) is None:
        return statement
    return _INFINITE.sub(lambda found: found[0] if found[1] else f"{found[2]}9e999", statement)


def _merged(statements: Iterable[str]) -> Iterator[str]:
    """The same statements, with rows of one table that follow each other added by one."""
    head, rows = "", list[str]()
    for statement in statements:
        begins = _ROW.match(statement)
        if rows and (begins is None or begins[0] != head or len(rows) == _ROWS_OF_ONE):
            yield f"{head}{','.join(rows)};"
            rows = []
        if begins is None:
            yield statement
        else:
            head = begins[0]
            rows.append(statement[len(head) :].removesuffix(";"))
    if rows:
        yield f"{head}{','.join(rows)};"


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def tables_of(script: str) -> str:
    """The statements that make tables, for a question."""
    made = [part for part in _statements(script) if part.upper().startswith("CREATE TABLE")]
    return "\n".join(made)


def _statements(script: str) -> Iterator[str]:
    """Each whole, whatever stands in its comments and texts."""
    begun = ""
    for line in script.splitlines(keepends=True):
        begun += line
        if sqlite3.complete_statement(begun):
            yield begun.strip()
            begun = ""


def sql_question(tables: str, question: str, hint: str = "") -> str:
    """Write the question of a task."""
    said = f"Hint: {hint.strip()}\n" if hint.strip() else ""
    return f"Answer with one SQLite query.\n\n{tables}\n\n{said}Question: {question.strip()}"
