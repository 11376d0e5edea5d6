"""Functions with examples as questions alone: signature and docstring ask, and nothing needs to be decided."""

import ast
from collections import Counter
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
    for is a class. What a function needs of its module, and what decorates it, does not matter to a question. Of
    functions with one name, such as alternatives, the second is ``name-2``."""
    seen = Counter[str]()
    for module in base.modules.values():
        for dotted, node in _functions(module.tree, module.name):
            if ">>>" not in (ast.get_docstring(node, clean=False) or "") or shows_its_body(node):
                continue
            source = _stub(node, module)
            if len(source) <= MOST_CHARACTERS:
                seen[dotted] += 1
                name = dotted if seen[dotted] == 1 else f"{dotted}-{seen[dotted]}"
                yield Stub(name, node.name, source)


def _functions(module: ast.Module, name: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Those that are no methods, with their dotted names, in the order of the file."""
    waiting: list[tuple[ast.AST, str, bool]] = [(module, name, False)]
    while waiting:
        node, dotted, in_class = waiting.pop()
        named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        within = f"{dotted}.{node.name}" if named else dotted
        if isinstance(node, ast.FunctionDef) and not in_class:
            yield within, node
        inside = isinstance(node, ast.ClassDef) or (in_class and not named)
        parts = [part for part in ast.iter_child_nodes(node) if not isinstance(part, ast.expr)]
        waiting += [(part, within, inside) for part in reversed(parts)]


def shows_its_body(node: ast.FunctionDef) -> bool:
    """Whether what is to be written stands on the docstring's last line."""
    return len(node.body) > 1 and node.body[1].lineno <= (node.body[0].end_lineno or 0)


def _stub(node: ast.FunctionDef, module: Module) -> str:
    lines = python_lines(module.source.removeprefix("\ufeff"))
    return dedent("".join(lines[node.lineno - 1 : node.body[0].end_lineno])).strip() + "\n"
