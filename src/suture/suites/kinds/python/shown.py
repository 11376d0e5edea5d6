"""The check that a prompt for a program carries in itself: its examples, its signature, the helpers it gives."""

import ast
import builtins
import re
from typing import NamedTuple

from suture.core.measure.asked import Asked
from suture.core.measure.checks.python import Assertions, Limits, PythonCheck
from suture.core.measure.grounds import Grounds
from suture.suites.humaneval import Definition, split_at
from suture.suites.kinds.kind import Shown
from suture.suites.kinds.python.code_in_prompt import code_in, tree_of
from suture.suites.kinds.python.example_statements import setup_of
from suture.suites.kinds.python.prompt_examples import MOST, assertions_in, called_by_assertions, examples_in
from suture.suites.kinds.python.prompt_sessions import first_called

LIMITS = Limits(cpu_s=5.0, wall_s=10.0)
MOST_LETTERS = 64 * 1024
"""Of a prompt that is searched for examples."""
_CALLED = re.compile(r"(?<![\w.])([^\W\d]\w*)\(")


class _Signature(NamedTuple):
    """A function that a prompt leaves to be written. ``given``: what stands before it; ``stub``: the rest."""

    name: str
    given: str
    stub: str
    docstring: str


def shown_check(asked: Asked) -> Shown | None:
    """Examples where the last message shows any; else only that the program can be loaded, and defines what was asked
    for. What the system says holds where it is about a function that the last message names, or leaves to it. None
    where no name is given to what is to be written, and for prompts beyond all size: examples are at most a few."""
    if sum(map(len, asked.texts)) > MOST_LETTERS:
        return None
    try:
        last, *system = asked.texts or ("",)
        if (found := _shown_in(last)) is not None:
            return found
        return next((one for text in system if (one := _shown_in(text)) is not None and _is_about(one, last)), None)
    except RecursionError:  # nested beyond what can be written again
        return None


def _is_about(shown: Shown, last: str) -> bool:
    """Whether a message asks for this function: it names it, or no function at all."""
    name = shown.check.entry_point if isinstance(shown.check, PythonCheck) else ""
    return name in re.findall(r"\w+", last) or not _CALLED.search(last)


def _shown_in(text: str) -> Shown | None:
    blocks, prose = code_in(text)
    signature = next((found for block in reversed(blocks) if (found := _signature(block)) is not None), None)
    name = signature.name if signature else _tested_in(blocks) or _shown_called(prose)
    if not name:
        return None
    statements = [statement for block in blocks for statement in assertions_in(block, name)]
    if signature is not None:
        statements += examples_in(signature.docstring, name)
    statements += examples_in(prose, name)
    statements = list(dict.fromkeys(statements))[:MOST]
    check = PythonCheck(
        given=signature.given if signature else "",
        stub=signature.stub if signature else "",
        entry_point=name,
        tests=Assertions(setup=setup_of(statements), statements=tuple(statements) or ("pass",)),
        limits=LIMITS,
    )
    return Shown(check, Grounds.EXAMPLES if statements else Grounds.FORM)


def _tested_in(blocks: list[str]) -> str:
    """The function that assertions call: the first block's first whose name is none of Python's own, else its first;
    empty where nothing is called."""
    for block in blocks:
        called = called_by_assertions(block)
        if called:
            return next((name for name in called if not hasattr(builtins, name)), called[0])
    return ""


def _shown_called(prose: str) -> str:
    """The one function that a text's examples call; empty where it calls several, of which another may be wanted."""
    called = first_called(prose) or [name for name in _CALLED.findall(prose) if not hasattr(builtins, name)]
    names = list(dict.fromkeys(called))
    return names[0] if len(names) == 1 and examples_in(prose, names[0]) else ""


def _signature(block: str) -> _Signature | None:
    """The last function or class of a block that has no body of its own."""
    tree = tree_of(block)
    for node in reversed(tree.body if tree else []):
        if isinstance(node, Definition) and not _has_body(node):
            return _Signature(node.name, *split_at(block, node), ast.get_docstring(node) or "")
    return None


def _has_body(node: Definition) -> bool:
    return not all(map(_stands_in, node.body))


def _stands_in(node: ast.stmt) -> bool:
    """An import, a docstring, ``pass``, ``...``, or ``raise NotImplementedError``."""
    match node:
        case ast.Pass() | ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Raise(exc=ast.Name(id=name) | ast.Call(func=ast.Name(id=name))):
            return name == "NotImplementedError"
        case _:
            return False
