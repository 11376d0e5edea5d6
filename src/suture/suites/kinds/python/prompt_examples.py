"""Examples in a prompt as test statements: assertions, interactive sessions, and calls with their results in prose.

What cannot be read for certain is left out: a right answer that is refused would be lost, a wrong one that is let
through is only not mended.
"""

import ast
import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from suture.suites.kinds.python.example_statements import (
    called_in,
    equality,
    expression_of,
    is_literal,
    may_run,
    plain_value,
    statements_of,
)
from suture.suites.kinds.python.prompt_doubts import is_doubtful, says_better
from suture.suites.kinds.python.prompt_sessions import UNREAD, Sessions

MOST = 32
"""Examples of one prompt."""
_LONGEST = 2_000
"""Letters of one example."""
_RESULT = re.compile(
    r"`?\s*(?:,\s*)?(?:==>|==|=>|->|➞|→|➔|⇒|=|:|#\s*(?:=>|returns?)?|(?:should|will|must|would)\s+(?:return|be|give|equal)|"
    r"(?:the\s+)?(?:result|output|answer)\s+(?:should\s+be|is)|returns?|gives?|is|evaluates\s+to)\s*(?:=|:)?\s*",
    re.IGNORECASE,
)
_INPUT, _OUTPUT = (re.compile(rf"^\s*{word}\s*[:=]\s*(.+)$", re.IGNORECASE) for word in ("input", "output"))
_FOR = re.compile(
    r"\bfor\s+(\w+\s*=.+?),?\s+the\s+(?:output|result|answer)\s+(?:should|must|will)\s+be\s+(.+)$", re.IGNORECASE
)
_MORE_VALUES = r"\s*(?:\w+\s+){0,2}[-\d\[('\"{]"
_ENDS = re.compile(
    rf"\s*(?:$|\.(?!\d)|,(?!\s*or\b|{_MORE_VALUES})|[;:)\]}}#`'\"\\]|//|--|[—–](?!\s*\d)|"
    r"\((?!\s*(?:or\b|and\b|[\d\[('\"-]))|-\s+[A-Za-z]|(?:because|since|as|where|but|while|whereas|which|so)\b|"
    rf"(?:and|with)\b(?!{_MORE_VALUES}))",
    re.IGNORECASE,
)
"""How a sentence may go on behind a value that is whole: ``2 or 3``, ``4 mod 3`` and ``3 with remainder 1`` are other
values, and ``2 when n is odd`` has a condition."""
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_TOKEN = re.compile(r"[-+\u2212]?(?:\d[\w.]*|\.\d\w*|[A-Za-z]+)")
_BEFORE = re.compile(r"(?:[-+*/%<>=!~^&|]|\bnot)\s*$")
"""What makes a call a part of something else; at the beginning of a line a mark begins an item."""
_ESCAPE = re.compile(r"[\\\x00-\x08\x0b-\x1f]")


class Parameters(NamedTuple):
    """Of a function: ``names`` of those that are given by place, how many of them at ``least``, and at ``most``."""

    names: tuple[str, ...]
    least: int
    most: int

    @classmethod
    def of(cls, arguments: ast.arguments) -> "Parameters":
        names = tuple(one.arg for one in (*arguments.posonlyargs, *arguments.args))
        return cls(names, len(names) - len(arguments.defaults), MOST if arguments.vararg else len(names))


def assertions_in(source: str, function: str) -> list[str]:
    """The assertions of a code block that call ``function`` and only compute, in order: those of the block itself, and
    those of test functions that do nothing else."""
    found = [node for node in _asserted(source) if function in called_in(node)]
    return [ast.unparse(node) for node in found if may_run(node, {function})][:MOST]


def called_by_assertions(source: str) -> list[str]:
    """The functions that a code block's assertions call, in order; of each first those that are not Python's own."""
    return [name for node in _asserted(source) for name in called_in(node)]


def _asserted(source: str) -> Iterator[ast.Assert]:
    for node in statements_of(source):
        tests = node.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test") else [node]
        if all(isinstance(one, ast.Assert) for one in tests):
            yield from (one for one in tests if isinstance(one, ast.Assert))


def examples_in(text: str, function: str, parameters: Parameters | None = None, *, raw: bool = True) -> list[str]:
    """The calls of ``function`` with a plain result that a text shows, as assertions, in order and each once.

    Args:
        parameters: of ``function``, where its signature is known.
        raw: the text is as somebody wrote it; else escapes may have been read in it, and lines with any are left out.
    """
    lines = [
        UNREAD if _has_quoted_tab(line) or (not raw and _ESCAPE.search(line)) else line.expandtabs()
        for line in text.split("\n")
    ]
    sessions = Sessions("\n".join(lines), function)
    found: dict[str, None] = {}
    for at, line in enumerate(lines):
        if at in sessions.lines:
            shown = [sessions.statements[at]] if at in sessions.statements else []
        else:
            below = lines[at + 1] if at + 1 < len(lines) else ""
            shown = [*_of_prose(line, function), *_of_inputs(line, below, function, parameters)]
        found |= dict.fromkeys(shown)
        if len(found) >= MOST:
            break
    return list(found)[:MOST]


def _has_quoted_tab(line: str) -> bool:
    """Whether a tab may stand in a quoted text, where it is no blank."""
    quotes = [at for at, letter in enumerate(line) if letter in "'\""] if "\t" in line else []
    return bool(quotes) and "\t" in line[quotes[0] : quotes[-1]]


def _of_prose(line: str, function: str) -> Iterator[str]:
    """``f(1) == 2``, ``f(1) should return 2``, ``f(1) ➞ 2``, anywhere in a line."""
    if len(line) > _LONGEST or is_doubtful(line):
        return
    for start in islice(re.finditer(rf"(?<![\w.]){re.escape(function)}\s*\(", line), MOST):
        before = line[: start.start()]
        if before.strip(" \t-*+>") and _BEFORE.search(before):
            continue
        end = _end_of_brackets(line, start.end() - 1)
        call = None if end is None else expression_of(line[start.start() : end])
        result = None if end is None else _RESULT.match(line, end)
        if call is None or end is None or not _arguments_are_plain(call):
            continue
        behind = line[result.end() if result else end :]
        wanted = value_before_prose(behind)
        if wanted is None or says_better(re.split(rf"(?<![\w.]){re.escape(function)}\s*\(", behind)[0]):
            continue
        in_code = result is not None and result[0].strip() in {"=", "=="}
        statement = equality(call, wanted if in_code else _either(wanted), {function})
        if statement is not None:
            yield statement


def _either(wanted: ast.expr) -> ast.expr | tuple[ast.expr, ast.expr]:
    """A number, or the text that is written so: prose has no quotes, and digits of 0 and 1 are often a text."""
    match wanted:
        case ast.Constant(value=int(number)) if len(str(number)) > 1 and set(str(number)) <= {"0", "1"}:
            return wanted, ast.Constant(str(number))
        case _:
            return wanted


def _of_inputs(line: str, below: str, function: str, parameters: Parameters | None) -> Iterator[str]:
    """``Input: n = 3`` above ``Output: 6``, or ``For n = 3 the output should be 6``."""
    if len(line) > _LONGEST or len(below) > _LONGEST:
        return
    given, said = _INPUT.match(line), _FOR.search(re.sub(r"\s+", " ", line))
    output = _OUTPUT.match(below) if given else None
    pairs = [(given[1], output[1])] if given and output else [(said[1], said[2])] if said else []
    for arguments, result in pairs:
        call, wanted = _call_with(arguments.strip(), function, parameters), value_before_prose(result)
        if call is None or wanted is None or not _arguments_are_plain(call):
            continue
        if (statement := equality(call, wanted, {function})) is not None:
            yield statement


def _call_with(written: str, function: str, parameters: Parameters | None) -> ast.Call | None:
    """Inputs as a call by place: how an answer calls its parameters is its own affair. None where it is not certain
    which input goes where."""
    call = expression_of(f"{function}({written})")
    if not isinstance(call, ast.Call) or (call.args and call.keywords):
        return None
    values = call.args
    if call.keywords:
        by_name = {one.arg: one.value for one in call.keywords}
        names = parameters.names[: len(by_name)] if parameters and {*parameters.names} >= by_name.keys() else by_name
        if None in by_name or {*names} != by_name.keys():
            return None
        values = [by_name[name] for name in names]
    elif parameters is None and (len(values) != 1 or isinstance(values[0], ast.Tuple)):
        return None
    if parameters and not parameters.least <= len(values) <= parameters.most:
        return None
    return ast.Call(call.func, values, [])


def _end_of_brackets(line: str, opening: int) -> int | None:
    """Where the bracket at ``opening`` is closed, strings apart."""
    open_brackets: list[str] = []
    quote = ""
    at = opening
    while at < len(line):
        letter = line[at]
        if quote:
            at += letter == "\\"
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in _CLOSING:
            open_brackets.append(_CLOSING[letter])
        elif letter in ")]}":
            if not open_brackets or open_brackets.pop() != letter:
                return None
            if not open_brackets:
                return at + 1
        at += 1
    return None


def value_before_prose(text: str) -> ast.expr | None:
    """The plain value that ``text`` begins with, where what is behind it leaves no doubt that it is the whole value."""
    text = text.strip().removeprefix("`")
    end = _end_of_value(text)
    value = None if end is None else plain_value(text[:end])
    return value if value is not None and _ENDS.match(text, end or 0) else None


def _end_of_value(text: str) -> int | None:
    """Behind what may be a value at the beginning of a text: brackets, a quoted text, a number, or a word."""
    if text[:1] in _CLOSING:
        return _end_of_brackets(text, 0)
    if text[:1] in ("'", '"'):
        return _end_of_quotes(text)
    found = _TOKEN.match(text)
    return None if found is None else found.end() - found[0].endswith(".")  # "2." ends a sentence


def _end_of_quotes(text: str) -> int | None:
    at = 1
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == text[0]:
            return at + 1
        at += 1
    return None


def _arguments_are_plain(call: ast.expr) -> bool:
    values = [*call.args, *(keyword.value for keyword in call.keywords)] if isinstance(call, ast.Call) else []
    return all(map(is_literal, values))
