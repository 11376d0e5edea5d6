"""The output of an example as a plain value: what it must be written as, to be compared as data and not as text."""

import ast

STANDARD_VALUES = {
    "Decimal": "from decimal import Decimal",
    "Fraction": "from fractions import Fraction",
    "deque": "from collections import deque",
    "array": "from array import array",
    "datetime": "import datetime",
    "inf": "from math import inf",
    "nan": "from math import nan",
}
"""What an output may name besides literals, and the line that makes it known."""
_CALLED = {*STANDARD_VALUES, "set", "frozenset", "range", "bytearray"} - {"inf", "nan", "datetime"}
_DATES = {"date", "datetime", "time", "timedelta"}


def plain_value(text: str) -> ast.expr | None:
    """The expression of a plain value whose ``repr`` this is; None where it is none."""
    try:
        value = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return value if _is_plain(value) else None


def _is_plain(node: ast.expr) -> bool:  # noqa: PLR0911 - one for each form
    match node:
        case ast.Constant():
            return node.value is not ...
        case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
            return _is_plain(node.operand)
        case ast.BinOp(op=ast.Add() | ast.Sub(), left=left, right=ast.Constant(value=complex())):
            return _is_plain(left)
        case ast.List() | ast.Tuple() | ast.Set():
            return all(map(_is_plain, node.elts))
        case ast.Dict():
            return all(key is not None and _is_plain(key) for key in node.keys) and all(map(_is_plain, node.values))
        case ast.Name():
            return node.id in ("inf", "nan")
        case ast.Call(func=ast.Name(id=name)) if name in _CALLED:
            return all(map(_is_plain, node.args)) and all(_is_plain(keyword.value) for keyword in node.keywords)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="datetime"), attr=name)) if name in _DATES:
            return all(map(_is_plain, node.args)) and all(_is_plain(keyword.value) for keyword in node.keywords)
        case _:
            return False


def imports_for(value: ast.expr) -> set[str]:
    """The import lines that the expression needs."""
    names = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
    return {STANDARD_VALUES[name] for name in names & STANDARD_VALUES.keys()}
