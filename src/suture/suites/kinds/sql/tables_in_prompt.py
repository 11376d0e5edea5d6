"""Finds the tables that a prompt describes: its CREATE TABLE statements."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

from suture.core.errors import MissingTool
from suture.machine.installing import install_extra

_CREATE = re.compile(r"\bCREATE\s+TABLE\b", re.IGNORECASE)
_CHANGES = re.compile(
    r"\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:TEMP(?:ORARY)?\s+)?(?:MATERIALIZED\s+)?VIEW\b|\bALTER\s+TABLE\b|"
    r"\bCREATE\s+TABLE\b[^(;]{0,200}\bAS\b",
    re.IGNORECASE,
)
"""What makes tables otherwise: a right query may need it."""
_COMMENTS = {"--": "\n", "/*": "*/"}
"""Where they end."""
_QUOTES = "'\"`"
MOST = 200
"""Tables of one prompt."""
MOST_LETTERS = 64 * 1024
"""Of a prompt that is searched."""
_LONGEST = 8 * 1024
"""Letters of one table."""


def tables_in(text: str) -> str:
    """The CREATE TABLE statements of a text, as one script; empty where there is none, and where SQLite cannot make
    the tables that the text speaks of: another database is meant, and a right query may not run here.

    Raises:
        MissingTool: the package sqlglot is not installed.
    """
    if len(text) > MOST_LETTERS or _CHANGES.search(text):
        return ""
    found = dict.fromkeys(statement for statement in _statements(text) if _is_table(statement))
    script = "".join(f"{statement};\n" for statement in found)
    return script if _runs(script) else ""


def _statements(text: str) -> Iterator[str]:
    at = 0
    for _ in range(MOST):
        start = _CREATE.search(text, at)
        if start is None:
            return
        end = _end(text, start.end())
        if end is not None:
            yield text[start.start() : end]
        at = end or start.end()


def _end(text: str, at: int) -> int | None:
    """Behind the bracket that closes the first one after ``at``."""
    depth, quote, last = 0, "", min(len(text), at + _LONGEST)
    while at < last:
        letter = text[at]
        if not quote and (closing := _COMMENTS.get(text[at : at + 2])) is not None:
            closed = text.find(closing, at + 2, last)
            if closed < 0:
                return None
            at = closed + len(closing)
            continue
        at += 1
        if quote:
            quote = "" if letter == quote else quote
        elif letter in _QUOTES:
            quote = letter
        elif letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
            if depth <= 0:
                return at if depth == 0 else None
        elif letter == ";" and depth == 0:
            return None
    return None


def _is_table(statement: str) -> bool:
    """Whether it makes a table: one statement of that sort, or what is written like one in another dialect, of which
    SQLite is to say whether it can make it."""
    try:
        import sqlglot
        from sqlglot import exp
        from sqlglot.errors import SqlglotError
    except ImportError:
        raise MissingTool("tasks of kind sql need the package sqlglot", mend=install_extra("sql")) from None
    try:
        trees = sqlglot.parse(statement, read="sqlite")
    except (SqlglotError, RecursionError):
        return re.match(r"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?[\w.\"`\[\]]+\s*\(", statement, re.I) is not None
    return len(trees) == 1 and isinstance(trees[0], exp.Create) and isinstance(trees[0].this, exp.Schema)


def _runs(script: str) -> bool:
    with closing(sqlite3.connect(":memory:")) as db:
        db.set_authorizer(_may_make_tables)
        try:
            db.executescript(script)
        except (sqlite3.Error, ValueError):
            return False
    return True


_ALLOWED = frozenset(
    (
        sqlite3.SQLITE_CREATE_TABLE,
        sqlite3.SQLITE_CREATE_INDEX,
        sqlite3.SQLITE_INSERT,
        sqlite3.SQLITE_UPDATE,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_REINDEX,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_TRANSACTION,
        sqlite3.SQLITE_SELECT,
    )
)
"""What making a table asks for, of its own schema too."""


def _may_make_tables(action: int, *_: str | None) -> int:
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY
