"""The check that a prompt for a program carries in itself: its examples, its signature, the helpers it gives."""

import ast
from typing import NamedTuple

from suture.core.measure.asked import Asked
from suture.core.measure.checks.python import Assertions, Limits, PythonCheck
from suture.core.measure.grounds import Grounds
from suture.suites.humaneval import Definition, parse_prompt, split_at
from suture.suites.kinds.fences import blocks_in
from suture.suites.kinds.kind import Shown
from suture.suites.kinds.python.prompt_examples import assertions_in, examples_in, tested_in

LIMITS = Limits(cpu_s=5.0, wall_s=30.0)


class _Signature(NamedTuple):
    """A function that a prompt leaves to be written. ``prelude``: what stands before it; ``stub``: the rest."""

    name: str
    prelude: str
    stub: str
    docstring: str


def shown_check(asked: Asked) -> Shown | None:
    """Examples where the prompt shows any; else only that the program can be loaded, and defines what was asked for.
    None where a prompt does not name what is to be written."""
    text = asked.messages[-1].content if asked.messages else ""
    blocks = blocks_of(text)
    signature = next((found for block in reversed(blocks) if (found := _signature(block)) is not None), None)
    statements = [statement for block in blocks for statement in assertions_in(block)]
    name = signature.name if signature else next((name for block in blocks if (name := tested_in(block))), "")
    if not name:
        return None
    if signature is not None:
        statements += examples_in(signature.docstring, name)
    check = PythonCheck(
        prelude=signature.prelude if signature else "",
        stub=signature.stub if signature else "",
        entry_point=name,
        tests=Assertions(statements=tuple(statements) or ("pass",)),
        limits=LIMITS,
    )
    return Shown(check, Grounds.EXAMPLES if statements else Grounds.FORM)


def blocks_of(text: str) -> list[str]:
    """The fenced blocks of a message; the whole message where there is none and it is Python."""
    return blocks_in(text, opened=False) or ([text] if _tree(text) is not None else [])


def _signature(block: str) -> _Signature | None:
    """The last function or class of a block that has no body of its own."""
    tree = _tree(block)
    for node in reversed(tree.body if tree else []):
        if isinstance(node, Definition) and not _has_body(node):
            return _Signature(node.name, *split_at(block, node), ast.get_docstring(node) or "")
    return None


def _has_body(node: Definition) -> bool:
    return any(
        not isinstance(inner, ast.Pass | ast.Import | ast.ImportFrom)
        and not (isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Constant))
        for inner in node.body
    )


def _tree(source: str) -> ast.Module | None:
    try:
        return parse_prompt(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
