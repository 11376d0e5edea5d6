"""Examples in a prompt as test statements: assertions, interactive sessions, and calls with their results in prose.

What cannot be read for certain is left out: a right answer that is refused would be lost, a wrong one that is let
through is only not mended.
"""

import ast
import re
from collections.abc import Iterator
from itertools import islice

from suture.suites.kinds.python.example_statements import (
    called_in,
    equality,
    expression_of,
    is_literal,
    may_run,
    plain_value,
    statements_of,
)
from suture.suites.kinds.python.prompt_sessions import Sessions

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
_ENDS = re.compile(
    r"\s*(?:$|\.(?!\d)|,(?!\s*(?:[-\d\[('\"{]|or\b))|[;:)\]}#`'\"\\]|//|--|[—–]|\((?![\d\[('\"-])|-\s+[A-Za-z]|"
    r"(?:and|because|since|as|for|when|where|but|while|whereas|which|with|so|in|after)\b)",
    re.IGNORECASE,
)
"""How a sentence may go on behind a value that is whole: ``2 or 3`` and ``4 mod 3`` are other values."""
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_TOKEN = re.compile(r"[-+\u2212]?(?:\d[\w.]*|\.\d\w*|[A-Za-z]+)")
_BEFORE = re.compile(r"(?:[-+*/%<>=!~^&|]|\bnot)\s*$")
"""What makes a call a part of something else; at the beginning of a line a mark begins an item."""
_DOUBT = re.compile(
    r"\b(?:but|instead|currently|wrong|wrongly|incorrect|incorrectly|mistakenly|bug|buggy|fails?|broken|never)\b",
    re.IGNORECASE,
)
"""Words of a line that may tell what a function does and should not."""


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


def examples_in(text: str, function: str) -> list[str]:
    """The calls of ``function`` with a plain result that a text shows, as assertions, in order and each once."""
    text = text.expandtabs()
    sessions = Sessions(text, function)
    found: dict[str, None] = {}
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if at in sessions.lines:
            shown = [sessions.statements[at]] if at in sessions.statements else []
        else:
            below = lines[at + 1] if at + 1 < len(lines) else ""
            shown = [*_of_prose(line, function), *_of_inputs(line, below, function)]
        found |= dict.fromkeys(shown)
        if len(found) >= MOST:
            break
    return list(found)[:MOST]


def _of_prose(line: str, function: str) -> Iterator[str]:
    """``f(1) == 2``, ``f(1) should return 2``, ``f(1) ➞ 2``, anywhere in a line."""
    if len(line) > _LONGEST or _DOUBT.search(line):
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
        wanted = value_before_prose(line[result.end() if result else end :])
        statement = None if wanted is None else equality(call, wanted, {function})
        if statement is not None:
            yield statement


def _of_inputs(line: str, below: str, function: str) -> Iterator[str]:
    """``Input: n = 3`` above ``Output: 6``, or ``For n = 3 the output should be 6``."""
    if len(line) > _LONGEST or len(below) > _LONGEST:
        return
    given, said = _INPUT.match(line), _FOR.search(re.sub(r"\s+", " ", line))
    output = _OUTPUT.match(below) if given else None
    pairs = [(given[1], output[1])] if given and output else [(said[1], said[2])] if said else []
    for arguments, result in pairs:
        call, wanted = expression_of(f"{function}({arguments.strip()})"), value_before_prose(result)
        if call is None or wanted is None or not _arguments_are_plain(call):
            continue
        if (statement := equality(call, wanted, {function})) is not None:
            yield statement


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
