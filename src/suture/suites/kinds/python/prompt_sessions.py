"""Examples behind ``>>>`` in a prompt, as test statements. Their layout need not be what doctest wants."""

import ast
import builtins
import re
from collections.abc import Iterator
from typing import NamedTuple

from suture.suites.kinds.python.example_statements import (
    called_in,
    equality,
    expression_of,
    is_literal,
    plain_value,
    printing,
    statements_of,
)
from suture.suites.kinds.python.prompt_doubts import casts_doubt

UNREAD = "\0"
"""In place of a line that may be read in two ways: no output that it is in is known."""
_PROMPT = re.compile(r"^[ \t]*>>>(?:[ \t](.*)|)$")
_MORE = re.compile(r"^[ \t]*\.\.\.(?:[ \t](.*)|)$")
_DIRECTIVE = re.compile(r"#\s*doctest:\s*(.*)$")
_MUTABLE = (ast.List, ast.Dict, ast.Set)


class _Entry(NamedTuple):
    """One input with the output below it. ``first`` and ``last``: its lines, the last one not included."""

    source: str
    output: list[str]
    first: int
    last: int


class Sessions:
    """What a text's sessions show.

    Attributes:
        statements: by the line that their input begins in.
        lines: all that belong to an input or its output.
    """

    def __init__(self, text: str, function: str) -> None:
        self.statements: dict[int, str] = {}
        self.lines: set[int] = set()
        self._function = function
        self._given: dict[str, ast.expr] = {}
        """Values that inputs have bound to names, as far as nothing can have changed them."""
        lines = text.split("\n")
        last, doubtful = 0, False
        for entry in _entries(lines):
            if headings := [line for line in lines[last : entry.first] if line.strip()]:
                doubtful = headings[-1].rstrip().endswith(":") and casts_doubt(headings[-1])
            last = entry.last
            self._read(entry, doubtful=doubtful or casts_doubt(entry.source.partition("#")[2]))

    def _read(self, entry: _Entry, *, doubtful: bool) -> None:
        body = statements_of(entry.source)
        match body:
            case [ast.Assign(targets=[ast.Name(id=name)], value=value)] if is_literal(value) and not entry.output:
                self._given[name] = value
            case _:
                statement = None if doubtful else self._statement(body, entry)
                if statement is not None:
                    self.statements[entry.first] = statement
                self._forget(body, kept=statement is not None)
        if entry.output or self.statements.get(entry.first):
            self.lines |= set(range(entry.first, entry.last))

    def _statement(self, body: list[ast.stmt], entry: _Entry) -> str | None:
        expression = body[0].value if len(body) == 1 and isinstance(body[0], ast.Expr) else None
        if expression is None or self._function not in called_in(expression):
            return None
        given = [name for name in self._given if name in _names(expression)]
        known = {self._function, *given}
        if (value := _printed(expression, entry)) is not None:
            statement = printing(value, entry.output[0], known)
        else:
            wanted = _value(entry)
            printed = "print" in called_in(expression)
            statement = None if wanted is None or printed else equality(expression, wanted, known)
        setup = "".join(f"{name} = {ast.unparse(self._given[name])}\n" for name in given)
        return None if statement is None else setup + statement

    def _forget(self, body: list[ast.stmt], *, kept: bool) -> None:
        """What an input that is left out may have bound or changed, and what the function may have changed."""
        for name in {name for node in body for name in _names(node)} & self._given.keys():
            if not kept or any(isinstance(node, _MUTABLE) for node in ast.walk(self._given[name])):
                del self._given[name]


def first_called(text: str) -> list[str]:
    """The functions that a text's inputs call, each once, in order; none of Python's own."""
    expressions = [expression_of(entry.source) for entry in _entries(text.split("\n"))]
    names = [name for expression in expressions if expression is not None for name in called_in(expression)[:1]]
    return [name for name in dict.fromkeys(names) if not hasattr(builtins, name)]


def _entries(lines: list[str]) -> Iterator[_Entry]:
    at = 0
    while at < len(lines):
        begun = _PROMPT.match(lines[at])
        if begun is None:
            at += 1
            continue
        first, source = at, [begun[1] or ""]
        at += 1
        while at < len(lines) and (more := _MORE.match(lines[at])):
            source.append(more[1] or "")
            at += 1
        output: list[str] = []
        while at < len(lines) and lines[at].strip() and not _PROMPT.match(lines[at]):
            output.append(lines[at].strip())
            at += 1
        yield _Entry("\n".join(source), output, first, at)


def _printed(expression: ast.expr, entry: _Entry) -> ast.expr | None:
    """The one value that ``print`` shows on one line."""
    match expression:
        case ast.Call(func=ast.Name(id="print"), args=[value], keywords=[]) if not isinstance(value, ast.Starred):
            return value if len(entry.output) == 1 and not _loose(entry) else None
        case _:
            return None


def _value(entry: _Entry) -> ast.expr | None:
    """The output, or as much of its beginning as is a value: a sentence may follow without a line between. Values that
    follow each other were printed."""
    if _loose(entry):
        return None
    for end in range(len(entry.output), 0, -1):
        value = plain_value("\n".join(entry.output[:end]))
        if value is not None:
            return None if any(plain_value(line) is not None for line in entry.output[end:]) else value
    return None


def _loose(entry: _Entry) -> bool:
    """Whether its output is not to be taken by the letter: it is skipped, abridged, or to be compared otherwise."""
    if UNREAD in entry.output:
        return True
    directive = _DIRECTIVE.search(entry.source)
    if directive is None:
        return False
    options = set(re.findall(r"\+(\w+)", directive[1]))
    return not options <= {"NORMALIZE_WHITESPACE", "ELLIPSIS"} or any("..." in line for line in entry.output)


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
