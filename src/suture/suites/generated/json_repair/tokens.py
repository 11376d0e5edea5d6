"""A JSON value as a list of tokens, which can be changed one by one and written out again."""

import json
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any, NamedTuple, cast


class Role(StrEnum):
    OPEN = "open"
    CLOSE = "close"
    COMMA = "comma"
    COLON = "colon"
    KEY = "key"
    STRING = "string"
    NUMBER = "number"
    LITERAL = "literal"
    BLANK = "blank"


class Token(NamedTuple):
    """Attributes:
    inside: the bracket that it stands directly in, ``{`` or ``[``; empty at top level.
    """

    role: Role
    text: str
    inside: str = ""


def tokens_of(value: Any, *, indent: int | None) -> list[Token]:
    """The tokens of a value, on one line or with an indent a level."""
    return list(_tokens(value, indent, 0, ""))


def written(tokens: Sequence[Token]) -> str:
    return "".join(token.text for token in tokens)


def _tokens(value: Any, indent: int | None, depth: int, inside: str) -> Iterator[Token]:
    match value:
        case dict() | list():
            yield from _container(cast("Any", value), indent, depth, inside)
        case str():
            yield Token(Role.STRING, json.dumps(value, ensure_ascii=False), inside)
        case bool() | None:
            yield Token(Role.LITERAL, json.dumps(value), inside)
        case _:
            yield Token(Role.NUMBER, json.dumps(value), inside)


def _container(value: dict[str, Any] | list[Any], indent: int | None, depth: int, inside: str) -> Iterator[Token]:
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    line = "" if indent is None else "\n" + " " * (indent * (depth + 1))
    between = line or " "
    yield Token(Role.OPEN, opening, inside)
    members: list[Any] = list(value)
    for number, item in enumerate(members):
        if number:
            yield Token(Role.COMMA, ",", opening)
        yield Token(Role.BLANK, between if number else line, opening)
        if isinstance(value, dict):
            yield Token(Role.KEY, json.dumps(item), opening)
            yield Token(Role.COLON, ":", opening)
            yield Token(Role.BLANK, " ", opening)
        yield from _tokens(value[item] if isinstance(value, dict) else item, indent, depth + 1, opening)
    yield Token(Role.BLANK, "" if indent is None else "\n" + " " * (indent * depth), opening)
    yield Token(Role.CLOSE, closing, inside)
