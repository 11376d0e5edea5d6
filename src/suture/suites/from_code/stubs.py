"""Functions with examples as questions alone: signature and docstring ask, and nothing needs to be decided."""

import ast
from collections.abc import Iterator
from textwrap import dedent
from typing import NamedTuple

from suture.suites.from_code.modules import CodeBase, Module
from suture.suites.parse import python_lines

MOST_CHARACTERS = 3000
"""Of a stub: what is longer is no question for a small model."""


class Stub(NamedTuple):
    """``name`` is dotted, ``source`` a signature with its docstring, as they stand in the file."""

    name: str
    function: str
    source: str


def stubs(base: CodeBase) -> Iterator[Stub]:
    """Every function whose docstring has examples, in the order of the files. Methods are left out: what they are asked
    for is a class. What a function needs of its module, and what decorates it, does not matter to a question."""
    for module in base.modules.values():
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.FunctionDef) or _is_method(node):
                continue
            if ">>>" not in (ast.get_docstring(node, clean=False) or ""):
                continue
            source = _stub(node, module)
            if len(source) <= MOST_CHARACTERS:
                yield Stub(f"{module.name}.{node.name}", node.name, source)


def _is_method(node: ast.FunctionDef) -> bool:
    arguments = [*node.args.posonlyargs, *node.args.args]
    return bool(arguments) and arguments[0].arg in ("self", "cls", "mcs")


def _stub(node: ast.FunctionDef, module: Module) -> str:
    lines = python_lines(module.source.removeprefix("\ufeff"))
    return dedent("".join(lines[node.lineno - 1 : node.body[0].end_lineno])).strip() + "\n"
