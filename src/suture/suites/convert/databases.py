"""SQLite databases as scripts: what a task of kind ``sql`` is set up from."""

import sqlite3
from pathlib import Path

from suture.core.remembered import remembered
from suture.suites.convert.converter import NotConverted

MOST_CHARACTERS = 200_000
"""Of a script: every task of the database holds it."""


@remembered(4)
def script_of(path: Path) -> str:
    """The statements that make the database anew.

    Raises:
        NotConverted: it is not there, is no database, or is too large.
    """
    if not path.is_file():
        raise NotConverted(f"its database {path.name} is not there")
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.text_factory = _text
    lines: list[str] = []
    size = 0
    try:
        for line in connection.iterdump():
            size += len(line)
            if size > MOST_CHARACTERS:
                raise NotConverted(f"its database {path.name} has more than {MOST_CHARACTERS} characters as a script")
            lines.append(line)
    except (sqlite3.Error, UnicodeError) as error:
        raise NotConverted(f"its database {path.name} cannot be read: {error}") from None
    finally:
        connection.close()
    return "\n".join(line for line in lines if line not in ("BEGIN TRANSACTION;", "COMMIT;"))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def tables_of(script: str) -> str:
    """The statements that make tables, for a question."""
    statements = [part.strip() for part in script.split(";\n")]
    return ";\n".join(part for part in statements if part.upper().startswith("CREATE TABLE")) + ";"


def sql_question(tables: str, question: str, hint: str = "") -> str:
    """Write the question of a task."""
    said = f"Hint: {hint.strip()}\n" if hint.strip() else ""
    return f"Answer with one SQLite query.\n\n{tables}\n\n{said}Question: {question.strip()}"
