"""Functions with doctests as rows of Suture's own form: signature and docstring ask, the doctests decide."""

import ast
from collections.abc import Iterator
from typing import Any, NamedTuple

from suture.core.measure.task import fenced
from suture.suites.from_code.examples import Session, session_of
from suture.suites.from_code.modules import CodeBase, Module
from suture.suites.from_code.stubs import shows_its_body
from suture.suites.from_code.surroundings import NeedsMore, Surroundings, without_annotations
from suture.suites.humaneval import INSTRUCTION
from suture.suites.parse import parse, python_lines

MOST_CHARACTERS = 6000
"""Of a question."""


class Candidate(NamedTuple):
    """Attributes:
    name: dotted.
    row: in Suture's own form; None where the function fell before anything was run.
    reason: why it fell.
    function: its own name.
    docstring, body: what it says, and what it does; for the search for twins.
    """

    name: str
    row: dict[str, Any] | None
    reason: str = ""
    function: str = ""
    docstring: str = ""
    body: str = ""


def candidates(base: CodeBase) -> Iterator[Candidate]:
    """Every function whose docstring has examples, methods and nested functions included; in the order of the files."""
    for module in base.modules.values():
        top = {node.name: node for node in module.tree.body if isinstance(node, ast.FunctionDef)}
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if ">>>" not in (ast.get_docstring(node, clean=False) or ""):
                continue
            name = f"{module.name}.{node.name}"
            if isinstance(node, ast.FunctionDef) and top.get(node.name) is node:
                yield _candidate(node, name, module, base)
            elif not isinstance(node, ast.AsyncFunctionDef) and top.get(node.name) is None:
                yield Candidate(name, None, "it is a method or a nested function")
            else:
                yield Candidate(name, None, "it is asynchronous, or defined again below")


def _candidate(node: ast.FunctionDef, name: str, module: Module, base: CodeBase) -> Candidate:
    docstring = ast.get_docstring(node, clean=False) or ""
    try:
        row = _row(node, docstring, name, module, base)
    except NeedsMore as refusal:
        return Candidate(name, None, str(refusal))
    body = ast.unparse(ast.Module(node.body[1:], []))
    return Candidate(name, row, function=node.name, docstring=docstring, body=body)


def _row(node: ast.FunctionDef, docstring: str, name: str, module: Module, base: CodeBase) -> dict[str, Any]:
    """Raises NeedsMore: the function makes no task, and why."""
    if node.decorator_list:
        raise NeedsMore("it is decorated")
    if len(node.body) < 2 or shows_its_body(node):
        raise NeedsMore("it has no body")
    _refuse_foreign_imports(node)
    session = _session(node.name, docstring, module)
    source, stub = _source_and_stub(node, module)
    surroundings = Surroundings(base.modules)
    try:
        surroundings.add_for(source, module)
    except NeedsMore:
        surroundings = Surroundings(base.modules)
        source, stub = _without_annotations(node, module)
        surroundings.add_for(source, module)
    given = surroundings.text
    shown = (given.strip() + "\n\n\n" if given else "") + stub.strip()
    if len(shown) > MOST_CHARACTERS:
        raise NeedsMore("its question is too long")
    return {
        "id": name,
        "kind": "python",
        "prompt": INSTRUCTION.format(prompt=shown),
        "form": fenced("python").model_dump(mode="json", exclude_none=True),
        "check": {
            **({"given": given} if given else {}),
            "stub": stub,
            "entry_point": node.name,
            "tests": {"kind": "assertions", "setup": session.setup, "statements": session.statements},
        },
        "reference": source,
        "origin": base.origin or base.name,
        "licence": base.licence,
        "tags": [module.name],
    }


def _session(function: str, docstring: str, module: Module) -> Session:
    """Raises NeedsMore: no example of the docstring can be a test."""
    parts = module.name.split(".")
    packages = {".".join(parts[first:last]) for first in range(len(parts)) for last in range(first + 1, len(parts) + 1)}
    try:
        session = session_of(docstring, function, packages={*packages, *_usual_aliases(docstring)})
    except ValueError:
        raise NeedsMore("its examples cannot be read") from None
    called = any(function in _names(statement) for statement in session.statements)
    if session.values and called:
        return session
    if session.exceptions and not session.left_out:
        raise NeedsMore("its examples only show exceptions")
    reasons = session.left_out.most_common(1)
    raise NeedsMore(f"its examples are no tests: {reasons[0][0]}" if reasons else "its examples do not call it")


def _usual_aliases(docstring: str) -> set[str]:
    """Names after ``as`` in the docstring's own imports of packages: ``import networkx as nx``."""
    lines = [line.strip().removeprefix(">>>").split() for line in docstring.splitlines() if " import " in line]
    return {words[-1] for words in lines if len(words) > 3 and words[-2] == "as"} | {"nx"}


def _names(statement: str) -> set[str]:
    return {node.id for node in ast.walk(parse(statement)) if isinstance(node, ast.Name)}


def _refuse_foreign_imports(node: ast.FunctionDef) -> None:
    import sys

    for inner in ast.walk(node):
        if isinstance(inner, ast.Import):
            names = [alias.name for alias in inner.names]
        elif isinstance(inner, ast.ImportFrom):
            names = [inner.module or "" if not inner.level else ""]
        else:
            continue
        if any(name.split(".")[0] not in sys.stdlib_module_names for name in names):
            raise NeedsMore("it imports what is not there")


def _source_and_stub(node: ast.FunctionDef, module: Module) -> tuple[str, str]:
    """As they stand in the file."""
    lines = python_lines(module.source.removeprefix("\ufeff"))
    source = "".join(lines[node.lineno - 1 : node.end_lineno]).rstrip() + "\n"
    stub = "".join(lines[node.lineno - 1 : node.body[0].end_lineno])
    return source, stub


def _without_annotations(node: ast.FunctionDef, module: Module) -> tuple[str, str]:
    """The signature written anew, the rest as it stands in the file."""
    copy = ast.parse(ast.unparse(node)).body[0]
    if not isinstance(copy, ast.FunctionDef):
        raise NeedsMore("it has no body")
    without_annotations(copy)
    copy.body = [ast.Pass()]
    header = ast.unparse(copy).rpartition("\n")[0] + "\n"
    lines = python_lines(module.source.removeprefix("\ufeff"))
    docstring = "".join(lines[node.body[0].lineno - 1 : node.body[0].end_lineno])
    rest = "".join(lines[node.body[0].lineno - 1 : node.end_lineno]).rstrip() + "\n"
    return header + rest, header + docstring
