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
    if isinstance(wanted, float) or (isinstance(found, float) and type(wanted) is int):
        digits = repr(wanted).partition(".")[2]
        rounded = 0.5 * 10.0 ** -len(digits) if digits.isdigit() and digits != "0" else 0.0
        number = isinstance(found, (int, float))
        return number and (found == wanted or abs(found - wanted) <= max(1e-6, 1e-6 * abs(wanted), rounded))
    if isinstance(wanted, dict) and isinstance(found, dict):
        return len(found) == len(wanted) and all(key in found and _close(found[key], wanted[key]) for key in wanted)
    if isinstance(wanted, (list, tuple)) and type(found) is type(wanted):
        return len(found) == len(wanted) and all(map(_close, found, wanted))
    if isinstance(wanted, (set, frozenset)) and isinstance(found, (set, frozenset)):
        return len(found) == len(wanted) and all(any(_close(one, other) for one in found) for other in wanted)
    return found == wanted


def _printed(found, text, *wanted):
    """Whether this is what was printed: the text, or an equal value where the text is one."""
    return str(found) == text or any(_close(found, value) for value in wanted)
'''
"""What some statements need before them: examples round fractions, answers need not; and a set is printed in any
order."""
_SPELT = {"true": "True", "false": "False", "none": "None", "null": "None"}
_CALLED = frozenset(
    (
        "abs", "all", "any", "bool", "complex", "dict", "divmod", "enumerate", "float", "frozenset", "int",
        "isinstance", "len", "list", "max", "min", "ord", "range", "repr", "reversed", "round", "set", "sorted", "str",
        "sum", "tuple", "zip",
    )
)  # fmt: skip
"""Functions of Python's own that an example may use: each is done in no time on what an example is made of."""
_NAMED = _CALLED | {"bytes", "None", "True", "False", "chr", "hash", "type"}
_METHODS = frozenset(
    (
        "capitalize", "casefold", "copy", "count", "endswith", "find", "get", "index", "isalnum", "isalpha", "isdigit",
        "islower", "isspace", "isupper", "is_integer", "items", "join", "keys", "lower", "lstrip", "rstrip", "split",
        "splitlines", "startswith", "strip", "swapcase", "title", "tolist", "upper", "values",
    )
)  # fmt: skip
_LEFT_OUT = (
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda, ast.JoinedStr, ast.Await, ast.Yield,
    ast.YieldFrom, ast.NamedExpr, ast.LShift, ast.MatMult,
)  # fmt: skip
_FEW, _BITS = 1_000, 4_096
"""The largest number where something is repeated or counted, and the most bits of a power."""


def equality(expression: ast.expr, wanted: ast.expr | tuple[ast.expr, ...], known: Collection[str]) -> str | None:
    """The statement that ``expression`` has this plain value, or one of these; None where it may not be run.

    Args:
        known: names that it may use beside Python's own.
    """
    if not may_run(expression, known):
        return None
    if isinstance(wanted, tuple):
        either = ast.Tuple(list(wanted), ast.Load())
        return f"assert {ast.unparse(ast.Compare(expression, [ast.In()], [either]))}"
    if any(isinstance(node, ast.Constant) and isinstance(node.value, float) for node in ast.walk(wanted)):
        return f"assert _close({ast.unparse(expression)}, {ast.unparse(wanted)})"
    return f"assert {ast.unparse(ast.Compare(expression, [ast.Eq()], [wanted]))}"


def printing(expression: ast.expr, text: str, known: Collection[str]) -> str | None:
    """The statement that ``expression`` prints this line; None where it may not be run."""
    if not may_run(expression, known):
        return None
    value = plain_value(text)
    wanted = [ast.Constant(text), *([value] if value is not None else [])]
    return f"assert _printed({', '.join(map(ast.unparse, (expression, *wanted)))})"


def setup_of(statements: Collection[str]) -> str:
    """What is to be run before these."""
    return CLOSE if any("_close(" in statement or "_printed(" in statement for statement in statements) else ""


def may_run(tree: ast.AST, known: Collection[str]) -> bool:
    """Whether it only computes, and that in no time: the referee has no clock of its own. What is not known to is left
    out, so that nobody's prompt can hold up the others."""
    if objection(tree, known) is not None:
        return False
    nodes = list(ast.walk(tree))
    products = sum(isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Mod) for node in nodes)
    return products <= 1 and all(_is_quick(node, known, products=products) for node in nodes)


def _is_quick(node: ast.AST, known: Collection[str], *, products: int) -> bool:  # noqa: PLR0911 - one for each sort
    match node:
        case ast.Call(func=ast.Name(id="range"), args=arguments):
            return all(_is_few(argument) for argument in arguments)
        case ast.Call(func=ast.Name(id=name)):
            return name in known or name in _CALLED
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in _METHODS
        case ast.Call():
            return False
        case ast.Name(id=name):
            return name in known or name in _NAMED
        case ast.BinOp(op=ast.Mod(), left=left):  # of a text it writes, as wide as it is told to
            return not any(
                isinstance(one, ast.Constant) and isinstance(one.value, str | bytes) for one in ast.walk(left)
            )
        case ast.BinOp(op=ast.Pow(), left=ast.Constant(value=int(base)), right=ast.Constant(value=int(power))):
            return power * max(base.bit_length(), 1) <= _BITS
        case ast.BinOp(op=ast.Pow()):
            return False
        case ast.Constant(value=int(number)):
            return not products or abs(number) <= _FEW
        case _:
            return not isinstance(node, _LEFT_OUT)


def _is_few(node: ast.expr) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(inner, ast.Constant) and isinstance(inner.value, int) and inner.value <= _FEW


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
