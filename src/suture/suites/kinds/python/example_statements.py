"""An example as a test statement: an expression and the plain value it has, compared as loosely as it was written.

The text is a stranger's: nothing of it is run that could do more than compute, and what cannot be read is left out.
"""

import ast
import builtins
from collections.abc import Collection

from suture.suites.harmless import objection
from suture.suites.parse import parse

CLOSE = '''def _close(found, wanted):
    """Equal, but for the last digit of fractions."""
    if isinstance(wanted, float):
        digits = repr(wanted).partition(".")[2]
        rounded = 0.5 * 10.0 ** -len(digits) if digits.isdigit() and len(digits) > 1 else 0.0
        number = isinstance(found, (int, float))
        return number and (found == wanted or abs(found - wanted) <= max(1e-6, 1e-6 * abs(wanted), rounded))
    if isinstance(wanted, dict) and isinstance(found, dict):
        return len(found) == len(wanted) and all(key in found and _close(found[key], wanted[key]) for key in wanted)
    if isinstance(wanted, (list, tuple)) and type(found) is type(wanted):
        return len(found) == len(wanted) and all(map(_close, found, wanted))
    return found == wanted
'''
"""What statements that compare fractions need before them: examples round these, answers need not."""
_SPELT = {"true": "True", "false": "False", "none": "None", "null": "None"}
_LOOPS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda)
_GROWING = (ast.Pow, ast.LShift, ast.Mult, ast.Mod)
_REPEATING = ("range", "pow", "bytes", "bytearray", "format")
_FEW = 1_000
"""The largest number where something is multiplied, repeated or padded."""


def equality(expression: ast.expr, wanted: ast.expr, known: Collection[str]) -> str | None:
    """The statement that ``expression`` has this plain value; None where it may not be run.

    Args:
        known: names that it may use beside Python's own.
    """
    if not may_run(expression, known):
        return None
    if any(isinstance(node, ast.Constant) and isinstance(node.value, float) for node in ast.walk(wanted)):
        return f"assert _close({ast.unparse(expression)}, {ast.unparse(wanted)})"
    return f"assert {ast.unparse(ast.Compare(expression, [ast.Eq()], [wanted]))}"


def setup_of(statements: Collection[str]) -> str:
    """What is to be run before these."""
    return CLOSE if any("_close(" in statement for statement in statements) else ""


def may_run(tree: ast.AST, known: Collection[str]) -> bool:
    """Whether it only computes, and that in no time: the referee has no clock of its own."""
    if objection(tree, known) is not None:
        return False
    nodes = list(ast.walk(tree))
    if any(isinstance(node, _LOOPS) for node in nodes):
        return False
    grows = [node for node in nodes if isinstance(node, ast.BinOp) and isinstance(node.op, _GROWING)]
    numbers = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, int)]
    repeats = bool(grows) or any(name in _REPEATING for name in called_in(tree))
    return not repeats or (all(number <= _FEW for number in numbers) and len(grows) <= 1)


def called_in(tree: ast.AST) -> list[str]:
    """Names called as ``name(...)``: first those that are none of Python's own."""
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    names = [func.id for func in calls if isinstance(func, ast.Name)]
    return sorted(names, key=lambda name: hasattr(builtins, name))


def statements_of(source: str) -> list[ast.stmt]:
    """Empty where it is no Python."""
    try:
        return parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def expression_of(source: str) -> ast.expr | None:
    body = statements_of(source.strip())
    return body[0].value if len(body) == 1 and isinstance(body[0], ast.Expr) else None


def plain_value(text: str) -> ast.expr | None:
    """A literal without names, or None. Prose writes ``true`` for ``True``."""
    expression = expression_of(_SPELT.get(text.strip(), text))
    return expression if expression is not None and is_literal(expression) else None


def is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return not any(isinstance(inner, ast.Constant) and inner.value is ... for inner in ast.walk(node))
