"""Says what a YAML parser complains of as somebody who writes a recipe would say it."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from ruamel.yaml.error import MarkedYAMLError

MOST_SHOWN = 60
"""Characters of a line."""


class Told(NamedTuple):
    """``line``: counted from 1; None where the parser does not know it."""

    said: str
    mend: str
    line: int | None


def told(error: MarkedYAMLError, text: str) -> Told:
    """What is wrong with ``text``, in which line, and what mends it."""
    marked: Any = error  # its attributes are not annotated
    problem, context = str(marked.problem or ""), str(marked.context or "")
    at, began = _line(marked.problem_mark), _line(marked.context_mark)
    for pattern, words in _WORDS:
        if (found := re.search(pattern, f"{context}: {problem}")) is not None:
            return words(found, at, began, text)
    return Told(problem or "not YAML", "correct that line", at or began)


def _line(mark: Any) -> int | None:
    return None if mark is None else mark.line + 1


def _shown(text: str, line: int | None) -> str:
    """A line of the text, in quotes; the last where the parser stands after it."""
    lines = text.splitlines() or [""]
    said = lines[min(line or 1, len(lines)) - 1].strip()
    return repr(said if len(said) <= MOST_SHOWN else said[:MOST_SHOWN] + "...")


def _tab(found: re.Match[str], at: int | None, began: int | None, text: str) -> Told:
    return Told("a tab, and YAML indents with blanks alone", "put two blanks in place of the tab", at)


def _special(found: re.Match[str], at: int | None, began: int | None, text: str) -> Told:
    return Told(f"no text begins with {found[1] or found[2]} in YAML", "put the text in quotes", at)


def _quote(found: re.Match[str], at: int | None, began: int | None, text: str) -> Told:
    return Told("a quotation mark is opened and never closed", "close it at the end of the text", began)


def _bracket(found: re.Match[str], at: int | None, began: int | None, text: str) -> Told:
    opened = "[" if found[1] == "]" else "{"
    return Told(
        f"{opened} is not closed, or a comma is missing after it", f"put a comma, or close it with {found[1]}", began
    )


def _twice(found: re.Match[str], at: int | None, began: int | None, text: str) -> Told:
    return Told(f"key {found[1]} stands there a second time", "leave one of the two out", at)


def _mapping(found: re.Match[str], at: int | None, began: int | None, text: str) -> Told:
    shown = _shown(text, at)
    if re.search(r":\s.*:(\s|'$)", shown):
        return Told(f"{shown} has a colon within a text", "put the text in quotes", at)
    before = (at or 1) - 1
    if before and _indent(text, before) == _indent(text, at or 1):  # read as one text that goes on
        return _no_colon(found, at, before, text)
    mend = "begin keys of one level in one column"
    return Told(f"{shown} is indented deeper than the line before it allows", mend, at)


def _indent(text: str, line: int) -> int:
    said = text.splitlines()[line - 1]
    return len(said) - len(said.lstrip())


def _block(found: re.Match[str], at: int | None, began: int | None, text: str) -> Told:
    shown = _shown(text, at)
    match found[1]:
        case "<scalar>":
            mend = "put a quotation mark within quotes twice, or the other sort around the text"
            return Told(f"{shown} goes on after a closing quotation mark", mend, at)
        case "]" | "}":
            return Told(f"{found[1]} closes nothing", "leave it out", at)
        case "-":
            return Told("an item of a list stands among keys", "indent it below the key that it belongs to", at)
        case _:
            return Told(f"{shown} is in no column of the keys before it", "begin keys of one level in one column", at)


def _escape(found: re.Match[str], at: int | None, began: int | None, text: str) -> Told:
    return Told(f"\\{found[1]} means nothing within double quotation marks", "put the text in single ones: 'C:\\m'", at)


def _alias(found: re.Match[str], at: int | None, began: int | None, text: str) -> Told:
    return Told(f"*{found[1]} refers to an anchor that is nowhere", f"put the text in quotes: '*{found[1]}'", at)


def _no_colon(found: re.Match[str], at: int | None, began: int | None, text: str) -> Told:
    return Told(f"{_shown(text, began)} is no key with a value", "give it a colon, a blank and a value", began)


def _item(found: re.Match[str], at: int | None, began: int | None, text: str) -> Told:
    return Told(
        "a list begins in the line of its key", "put [a, b] there, or each - item in a line of its own below", at
    )


_WORDS: tuple[tuple[str, Callable[[re.Match[str], int | None, int | None, str], Told]], ...] = (
    (r"found character '\\t'", _tab),
    (r"found character (?:'(.)'|\"(.)\") that cannot start any token", _special),
    (r"quoted scalar: found unexpected end of stream", _quote),
    (r"expected ',' or '([\]}])'", _bracket),
    (r"found duplicate key (\"[^\"]*\")", _twice),
    (r"mapping values are not allowed here", _mapping),
    (r"expected <block end>, but found '([^']*)'", _block),
    (r"found unknown escape character '([^']*)'", _escape),
    (r"found undefined alias '([^']*)'", _alias),
    (r"could not find expected ':'", _no_colon),
    (r"sequence entries are not allowed here", _item),
)
"""What ruamel.yaml's scanner, parser and composer say, and the words for it."""
