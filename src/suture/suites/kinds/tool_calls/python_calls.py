"""Calls written in Python's syntax, ``[f(a=1), g.h(b="x")]``: parsed and never evaluated."""

import ast
import math
import warnings
from decimal import Decimal
from typing import Any

from suture.suites.kinds.json_values import MOST_DEPTH
from suture.suites.kinds.tool_calls.calls import Call, NoCalls

MOST_TEXT = 100_000
"""Characters that are handed to Python's parser."""
_NAMES = {"true": True, "false": False, "null": None}
"""JSON's words, which models also write in Python calls."""


def read_python_calls(text: str) -> list[Call]:
    """One call or a list of them, with keywords and literals only.

    Raises:
        NoCalls: anything else: positional arguments, ``**``, a keyword twice, arithmetic, a name, a nested call.
    """
    if len(text) > MOST_TEXT or _depth(text) > MOST_DEPTH:
        raise NoCalls("too long or too deep to be calls")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            body = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise NoCalls("neither JSON nor a call") from None
    try:
        members = body.elts if isinstance(body, ast.List | ast.Tuple) else [body]
        return [_call(member) for member in members]
    except RecursionError:
        raise NoCalls("too deep to be calls") from None


def _depth(text: str) -> int:
    """An upper bound of the nesting: brackets inside texts count too, and so do signs before a number."""
    deepest = depth = signs = 0
    for letter in text:
        if letter in "[{(":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in ")}]":
            depth -= 1
        signs = signs + 1 if letter in "-+~" else signs * letter.isspace()
        deepest = max(deepest, signs)
    return deepest


def _call(node: ast.expr) -> Call:
    if not isinstance(node, ast.Call):
        raise NoCalls("a member is no call")
    if node.args:
        raise NoCalls("a call has a positional argument")
    arguments: dict[str, Any] = {}
    for keyword in node.keywords:
        if keyword.arg is None:
            raise NoCalls("a call unpacks its arguments")
        if keyword.arg in arguments:
            raise NoCalls(f"a call has the argument {keyword.arg!r} twice")
        arguments[keyword.arg] = _literal(keyword.value)
    return Call(_name(node.func), arguments)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}"
    raise NoCalls("what is called is no name")


def _literal(node: ast.expr) -> Any:
    if isinstance(node, ast.Constant):
        return _constant(node.value)
    if isinstance(node, ast.Name) and node.id in _NAMES:
        return _NAMES[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        value = _constant(node.operand.value)
        if isinstance(value, Decimal):
            return -value
    if isinstance(node, ast.List | ast.Tuple):
        return [_literal(member) for member in node.elts]
    if isinstance(node, ast.Dict):
        return _object(node)
    raise NoCalls("an argument is no literal")


def _constant(value: object) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise NoCalls("half a surrogate is no text") from None
        return value
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float) and math.isfinite(value):
        return Decimal(repr(value))
    raise NoCalls("an argument is no JSON value")


def _object(node: ast.Dict) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if not (isinstance(key, ast.Constant) and isinstance(key.value, str)) or key.value in found:
            raise NoCalls("an object has a key that is no text, or one twice")
        found[_constant(key.value)] = _literal(value)
    return found
