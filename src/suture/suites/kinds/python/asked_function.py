"""Which function a prompt asks for: one that it leaves to be written, or one that its examples call.

What a prompt gives is none: what it imports, defines with a body, or only names an exception. Where several may be
meant, none is.
"""

import ast
import builtins
import re
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from suture.core.remembered import remembered
from suture.suites.humaneval import Definition, split_at
from suture.suites.kinds.python.code_in_prompt import tree_of
from suture.suites.kinds.python.prompt_examples import Parameters, called_by_assertions, examples_in
from suture.suites.kinds.python.prompt_sessions import first_called

_CALLED = re.compile(r"(?<![\w.])([^\W\d]\w*)\(")
_ASKED_FOR = re.compile(
    r"\b(?:function|method|write|implement|define|create|complete|fix|repair)\s+(?:(?:an?|the|python|function)\s+)*"
    r"(?:`([^\W\d]\w*)[`(]|([^\W\d]\w*)\()|\bfunction\s+(?:called|named)\s+`?([^\W\d]\w*)|"
    r"\b(?:call|name)\s+it\s+`?([^\W\d]\w*)",
    re.IGNORECASE,
)
_ERROR = re.compile(r"(?:Exception|Error|Warning|Interrupt|Exit)$")


class Wanted(NamedTuple):
    """Attributes:
    given: what stands before it in its block.
    stub: its signature and docstring, which an answer may go on from; empty where there is none.
    parameters: None where nobody says.
    raw: the docstring stands in the prompt as it is, without escapes.
    """

    name: str
    given: str = ""
    stub: str = ""
    docstring: str = ""
    parameters: Parameters | None = None
    raw: bool = True


def wanted_in(blocks: Sequence[str], prose: str) -> Wanted | None:
    """The one function that is asked for; None where no name is given, or several may be meant."""
    left = [found for block in blocks for found in _left_to_write(block)]
    given = {name for block in blocks for name in _given(block)} - {found.name for found in left}
    documented = [found for found in left if found.docstring and found.parameters is not None]
    if documented:
        return documented[-1]
    named = [name for match in _ASKED_FOR.finditer(prose) for name in match.groups() if name]
    asked = set(named[-1:])  # what stands before it may be an example of such a task
    names = [name for name in _tested(blocks, given) if not asked or name in asked]
    if names:
        return next((found for found in reversed(left) if found.name == names[0]), Wanted(names[0]))
    if left and not (asked - {found.name for found in left}):
        return left[-1]
    called = _called(prose, given, asked)
    if called:
        return Wanted(called)
    mended = [name for name in _tested(blocks, set()) if name in given and (not asked or name in asked)]
    name = mended[0] if mended else _called(prose, set(), asked)
    return Wanted(name) if name else None


def given_in(blocks: Sequence[str], name: str) -> str:
    """The definitions that blocks bring and the imports of Python's own library, as one source; not of the function
    that is asked for."""
    nodes = (node for block in blocks for node in _body(block))
    return "\n".join(ast.unparse(node) for node in nodes if _is_brought(node) and getattr(node, "name", "") != name)


def leaves_methods(block: str) -> bool:
    """Whether a block leaves methods of a class to be written: what calls them is not said."""
    classes = (node for node in _body(block) if isinstance(node, ast.ClassDef))
    return any(isinstance(one, Definition) and not _has_body(one) for node in classes for one in node.body)


def _tested(blocks: Sequence[str], given: set[str]) -> list[str]:
    """The functions that assertions call, those of the last block first; Python's own only where there are no others.
    Of one block only the first counts: what else it calls is there to compare."""
    found: list[str] = []
    for block in reversed(blocks):
        called = [name for name in called_by_assertions(block) if name not in given]
        own = [name for name in called if not hasattr(builtins, name)]
        found += (own or [name for name in called if not found])[:1]
    return found


def _called(prose: str, given: set[str], asked: set[str]) -> str:
    """The one function that a text's examples call; empty where it calls several, of which another may be wanted."""
    called = first_called(prose) or [name for name in _CALLED.findall(prose) if not hasattr(builtins, name)]
    names = [name for name in dict.fromkeys(called) if name not in given]
    if asked:
        names = [name for name in names if name in asked]
    return names[0] if len(names) == 1 and examples_in(prose, names[0]) else ""


def _left_to_write(block: str) -> Iterator[Wanted]:
    for node in _body(block):
        if not isinstance(node, Definition) or _has_body(node):
            continue
        docstring = ast.get_docstring(node, clean=False) or ""
        if isinstance(node, ast.ClassDef) and (not docstring or _is_error(node)):
            continue
        parameters = None if isinstance(node, ast.ClassDef) else Parameters.of(node.args)
        yield Wanted(node.name, *split_at(block, node), docstring, parameters, raw=docstring in block)


def _given(block: str) -> Iterator[str]:
    """Names that a block brings: what Python's own library has, and definitions that are whole."""
    for node in _body(block):
        match node:
            case ast.Import(names=names):
                yield from (one.asname or one.name.partition(".")[0] for one in names)
            case ast.ImportFrom(module=module, names=names) if (module or "").partition(".")[0] in _LIBRARY:
                yield from (one.asname or one.name for one in names)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case _:
                pass


_LIBRARY = sys.stdlib_module_names | {"numpy", "pandas", "scipy", "sympy", "pytest", "torch"}


def _is_brought(node: ast.stmt) -> bool:
    match node:
        case ast.Import(names=names):
            return all(one.name.partition(".")[0] in sys.stdlib_module_names for one in names)
        case ast.ImportFrom(module=module):
            return (module or "").partition(".")[0] in sys.stdlib_module_names
        case _:
            return isinstance(node, Definition)


@remembered(64)
def _body(block: str) -> Sequence[ast.stmt]:
    """Of one prompt each block is asked for several times. Nobody changes what is returned."""
    tree = tree_of(block)
    return tree.body if tree else []


def _is_error(node: ast.ClassDef) -> bool:
    names = [base.id if isinstance(base, ast.Name) else getattr(base, "attr", "") for base in node.bases]
    return any(map(_ERROR.search, names))


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
