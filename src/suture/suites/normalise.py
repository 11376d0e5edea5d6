"""Brings a reference solution nearer to a small model's own style.

Parsed and unparsed (one formatting), docstrings dropped: trained on copied docstrings, a small model learns to
spend its token budget on repeating the question.
"""

import ast

from suture.suites.parse import parse


def normalise(source: str) -> str:
    """Raises SyntaxError when ``source`` is no Python."""
    tree = parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            _drop_docstring(node)
    return ast.unparse(tree)


def _drop_docstring(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module) -> None:
    if ast.get_docstring(node, clean=False) is None:
        return
    rest = node.body[1:]
    node.body = rest or ([] if isinstance(node, ast.Module) else [ast.Pass()])  # pyright: ignore[reportAttributeAccessIssue]
