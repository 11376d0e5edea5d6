"""Says which statements of somebody else's examples may run beside the judge's tests: those that only compute.

Examples run in the referee, outside the sandbox, so nothing is let through that could read, write or reach out.
"""

import ast
import builtins
from collections.abc import Collection

PURE_MODULES = frozenset(
    (
        "array", "bisect", "cmath", "collections", "copy", "datetime", "decimal", "fractions", "functools", "heapq",
        "itertools", "json", "math", "numbers", "operator", "re", "statistics", "string", "textwrap",
    )
)  # fmt: skip
_REACHING = {
    "attrgetter", "breakpoint", "classmethod", "compile", "delattr", "dir", "eval", "exec", "exit", "getattr",
    "globals", "hasattr", "help", "input", "locals", "memoryview", "methodcaller", "object", "open", "property", "quit",
    "setattr", "staticmethod", "super", "type", "vars", "copyright", "credits", "license",
}  # fmt: skip
BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_")) - _REACHING
_STATEMENTS = (
    ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete, ast.For, ast.If, ast.Pass, ast.Return,
    ast.FunctionDef, ast.Assert,
)  # fmt: skip
_EXPRESSIONS_LEFT_OUT = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)


def objection(tree: ast.AST, known: Collection[str]) -> str | None:
    """Say what in these statements or this expression may not run, in short; None when all of it only computes.

    Args:
        known: names that stand for something harmless, besides Python's own.
    """
    names = {*known, *assigned(tree), *_parameters(tree)}
    for node in ast.walk(tree):
        said = _said_against(node, names)
        if said is not None:
            return said
    return None


def _said_against(node: ast.AST, names: Collection[str]) -> str | None:  # noqa: PLR0911 - one for each objection
    if isinstance(node, ast.stmt) and not isinstance(node, _STATEMENTS):
        return f"a statement ({type(node).__name__.lower()})"
    if isinstance(node, _EXPRESSIONS_LEFT_OUT):
        return type(node).__name__.lower()
    if isinstance(node, ast.Attribute):
        if node.attr.startswith("_") or node.attr in _REACHING or node.attr in ("format_map", "mro"):
            return f"attribute {node.attr}"
        if not isinstance(node.ctx, ast.Load):
            return "an attribute that is set"
    if isinstance(node, ast.FunctionDef) and node.decorator_list:
        return "a decorator"
    if isinstance(node, ast.Name) and node.id not in names and node.id not in BUILTINS:
        return f"name {node.id}"
    return None


def assigned(tree: ast.AST) -> set[str]:
    """Names that these statements bind, comprehension variables and functions included."""
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    return bound | {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def _parameters(tree: ast.AST) -> set[str]:
    return {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
