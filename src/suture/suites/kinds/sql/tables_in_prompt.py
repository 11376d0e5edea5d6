"""Finds the tables that a prompt describes: its CREATE TABLE statements."""

import re

from suture.core.errors import MissingTool
from suture.machine.installing import install_extra

_CREATE = re.compile(r"\bCREATE\s+TABLE\b", re.IGNORECASE)
_QUOTES = "'\"`"
MOST = 200
"""Tables of one prompt."""


def tables_in(text: str) -> str:
    """The CREATE TABLE statements of a text that can be parsed, as one script; empty where there is none.

    Raises:
        MissingTool: the package sqlglot is not installed.
    """
    found = [text[start.start() : end] for start in _CREATE.finditer(text) if (end := _end(text, start.end()))]
    return "".join(f"{statement};\n" for statement in found[:MOST] if _can_be_parsed(statement))


def _end(text: str, at: int) -> int | None:
    """Behind the bracket that closes the first one after ``at``."""
    depth, quote = 0, ""
    for place in range(at, len(text)):
        letter = text[place]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in _QUOTES:
            quote = letter
        elif letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
            if depth <= 0:
                return place + 1 if depth == 0 else None
        elif letter == ";" and depth == 0:
            return None
    return None


def _can_be_parsed(statement: str) -> bool:
    try:
        import sqlglot
        from sqlglot import exp
        from sqlglot.errors import SqlglotError
    except ImportError:
        raise MissingTool("tasks of kind sql need the package sqlglot", mend=install_extra("sql")) from None
    try:
        trees = sqlglot.parse(statement, read="sqlite")
    except (SqlglotError, RecursionError):
        return False
    return len(trees) == 1 and isinstance(trees[0], exp.Create) and isinstance(trees[0].this, exp.Schema)
