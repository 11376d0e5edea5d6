"""Examples in a prompt as test statements: assertions, interactive sessions, and calls with their results in prose.

The text is a stranger's: nothing of it is run that could do more than compute, and what cannot be read is left out.
"""

import ast
import builtins
import re
from collections.abc import Iterator

from suture.suites.harmless import objection
from suture.suites.parse import parse

MOST = 32
"""Examples of one prompt."""
_LONGEST = 2_000
"""Letters of one example."""
_RESULT = re.compile(
    r"\s*(?:,\s*)?(?:==>|==|=>|->|➞|→|➔|⇒|=|:|#\s*(?:=>|returns?)?|(?:should|will|must|would)\s+(?:return|be|give|equal)|"
    r"(?:the\s+)?(?:result|output|answer)\s+(?:should\s+be|is)|returns?|gives?|is|evaluates\s+to)\s*(?:=|:)?\s*",
    re.IGNORECASE,
)
_INPUT, _OUTPUT = (re.compile(rf"^\s*{word}\s*[:=]\s*(.+)$", re.IGNORECASE) for word in ("input", "output"))
_FOR = re.compile(
    r"\bfor\s+(\w+\s*=.+?),?\s+the\s+(?:output|result|answer)\s+(?:should|must|will)\s+be\s+(.+)$", re.IGNORECASE
)
_PROMPT = re.compile(r"^[ \t]*>>>[ \t]?(.*)$")
_SPELT = {"true": "True", "false": "False", "none": "None", "null": "None"}
_LOOPS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda)
_GROWING = (ast.Pow, ast.LShift, ast.Mult, ast.Mod)
_REPEATING = ("range", "pow", "bytes", "bytearray", "format")
_FEW = 1_000
"""The largest number where something is multiplied, repeated or padded."""
_CLOSING = {"(": ")", "[": "]", "{": "}"}


def assertions_in(source: str) -> list[str]:
    """The assertions of a code block that call something and only compute, in order."""
    try:
        body = parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found = [node for node in body if isinstance(node, ast.Assert)]
    return [ast.unparse(node) for node in found if _calls(node) and _may_run(node, _calls(node)[0])][:MOST]


def tested_in(source: str) -> str:
    """The function that a code block's assertions call: the first whose name is none of Python's own, else the first;
    empty where nothing is called."""
    try:
        body = parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    called = [name for node in body if isinstance(node, ast.Assert) for name in _calls(node)]
    return next((name for name in called if not hasattr(builtins, name)), called[0] if called else "")


def _calls(tree: ast.AST) -> list[str]:
    """Names called as ``name(...)``: first those that are none of Python's own."""
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    names = [func.id for func in calls if isinstance(func, ast.Name)]
    return sorted(names, key=lambda name: hasattr(builtins, name))


def examples_in(text: str, function: str) -> list[str]:
    """The calls of ``function`` with a plain result that a text shows, as assertions, in order and each once."""
    found: dict[str, None] = {}
    lines = text.expandtabs().split("\n")
    for at, line in enumerate(lines):
        session = _PROMPT.match(line)
        shown = _of_session(session[1], lines[at + 1 :], function) if session else None
        for statement in (
            [shown] if shown else [*_of_prose(line, function), *_of_inputs(line, lines[at + 1 :], function)]
        ):
            found.setdefault(statement)
    return list(found)[:MOST]


def _of_session(source: str, after: list[str], function: str) -> str | None:
    """An expression behind ``>>>`` and the output below it."""
    expression = _expression(source)
    if expression is None or function not in _calls(expression):
        return None
    output: list[str] = []
    for line in after:
        if not line.strip() or _PROMPT.match(line):
            break
        output.append(line.strip())
    for upto in range(len(output), 0, -1):
        wanted = _plain("\n".join(output[:upto]))
        if wanted is not None:
            return _assertion(expression, wanted, function)
    return None


def _of_prose(line: str, function: str) -> Iterator[str]:
    """``f(1) == 2``, ``f(1) should return 2``, ``f(1) ➞ 2``, anywhere in a line."""
    if len(line) > _LONGEST:
        return
    for start in re.finditer(rf"(?<![\w.]){re.escape(function)}\s*\(", line):
        end = _end_of_call(line, start.end() - 1)
        call = None if end is None else _expression(line[start.start() : end])
        result = None if end is None else _RESULT.match(line, end)
        if call is None or end is None or not _arguments_are_plain(call):
            continue
        wanted = _longest_plain(line[result.end() if result else end :])
        statement = None if wanted is None else _assertion(call, wanted, function)
        if statement is not None:
            yield statement


def _of_inputs(line: str, after: list[str], function: str) -> Iterator[str]:
    """``Input: n = 3`` above ``Output: 6``, or ``For n = 3 the output should be 6``."""
    given, said = _INPUT.match(line), _FOR.search(line)
    output = next((match for later in after[:1] if (match := _OUTPUT.match(later))), None) if given else None
    pairs = [(given[1], output[1])] if given and output else [(said[1], said[2])] if said else []
    for arguments, result in pairs:
        call, wanted = _expression(f"{function}({arguments.strip()})"), _longest_plain(result)
        if call is None or wanted is None or not _arguments_are_plain(call):
            continue
        if (statement := _assertion(call, wanted, function)) is not None:
            yield statement


def _end_of_call(line: str, opening: int) -> int | None:
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


def _longest_plain(text: str) -> ast.expr | None:
    """The longest beginning of ``text`` that is a plain value, where a sentence may go on behind it."""
    text = text.strip()
    ends = sorted({len(text), *(match.start() for match in re.finditer(r"[\s.,;)]", text))}, reverse=True)
    for end in ends[:64]:
        value = _plain(text[:end])
        if value is not None and not re.match(r"\s*[-+*/%<>=(]|\.\d", text[end:]):
            return value
    return None


def _assertion(expression: ast.expr, wanted: ast.expr, function: str) -> str | None:
    """Equality of values; floats in examples are often rounded in their last digit."""
    if not _may_run(expression, function):
        return None
    number = wanted.operand if isinstance(wanted, ast.UnaryOp) else wanted
    if isinstance(number, ast.Constant) and isinstance(number.value, float):
        difference, value = ast.unparse(ast.BinOp(expression, ast.Sub(), wanted)), ast.unparse(wanted)
        return f"assert abs({difference}) <= 1e-06 * max(1.0, abs({value}))"
    return f"assert {ast.unparse(ast.Compare(expression, [ast.Eq()], [wanted]))}"


def _may_run(tree: ast.AST, function: str) -> bool:
    """Whether it only computes, and that in no time: the referee has no clock of its own."""
    if objection(tree, {function}) is not None:
        return False
    nodes = list(ast.walk(tree))
    if any(isinstance(node, _LOOPS) for node in nodes):
        return False
    grows = [node for node in nodes if isinstance(node, ast.BinOp) and isinstance(node.op, _GROWING)]
    numbers = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, int)]
    repeats = bool(grows) or any(name in _REPEATING for name in _calls(tree))
    return not repeats or (all(number <= _FEW for number in numbers) and len(grows) <= 1)


def _expression(source: str) -> ast.expr | None:
    try:
        body = parse(source.strip()).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return body[0].value if len(body) == 1 and isinstance(body[0], ast.Expr) else None


def _plain(text: str) -> ast.expr | None:
    """A literal without names, or None. Prose writes ``true`` for ``True``."""
    expression = _expression(_SPELT.get(text.strip(), text))
    return expression if expression is not None and _is_literal(expression) else None


def _arguments_are_plain(call: ast.expr) -> bool:
    values = [*call.args, *(keyword.value for keyword in call.keywords)] if isinstance(call, ast.Call) else []
    return all(map(_is_literal, values))


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return not (isinstance(node, ast.Constant) and node.value is ...)
