"""The examples of a docstring as test statements. An example that cannot be one is left out, with a reason."""

import ast
import builtins
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NamedTuple

from suture.suites.from_code.wanted import imports_for, plain_value
from suture.suites.harmless import PURE_MODULES, assigned, objection
from suture.suites.parse import parse

SETUP = '''def _same(found, wanted):
    """Equal as data, and of the same type throughout: 1, 1.0 and True are three values."""
    if type(found) is not type(wanted):
        return bool(found) and False
    if isinstance(wanted, (list, tuple)):
        return len(found) == len(wanted) and all(map(_same, found, wanted))
    if isinstance(wanted, (dict, set, frozenset)):
        kinds = [sorted(type(item).__name__ for item in items) for items in (found, wanted)]
        if len(found) != len(wanted) or kinds[0] != kinds[1] or any(item not in found for item in wanted):
            return False
        return not isinstance(wanted, dict) or all(_same(found[key], wanted[key]) for key in wanted)
    return repr(found) == repr(wanted) if isinstance(wanted, (float, complex)) else found == wanted
'''
"""Puts the comparison in the tests' own namespace; it runs on values that the referee rebuilt."""
SKIPPED, ADDRESS, ABRIDGED = "it is skipped by a directive", "its output is an address", "its output is abridged"
NOT_PLAIN, OTHERS, UNSAFE = (
    "its output is no plain value",
    "it uses more than the function",
    "it does more than compute",
)
UNREADABLE, PRINTS = "it cannot be read", "it prints"
_ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+")


@dataclass
class Session:
    """What became of one docstring.

    Attributes:
        statements: in order; each is run in one namespace.
        imports: lines that the statements need.
        values: how many of the statements compare a value.
        left_out: reasons, counted.
    """

    statements: list[str] = field(default_factory=list[str])
    imports: set[str] = field(default_factory=set[str])
    values: int = 0
    exceptions: int = 0
    left_out: Counter[str] = field(default_factory=Counter[str])

    @property
    def setup(self) -> str:
        return "".join(f"{line}\n" for line in sorted(self.imports)) + SETUP


class _Refused(Exception):
    """Why one example is left out."""


class _Statement(NamedTuple):
    text: str
    value: bool = False
    exception: bool = False


def session_of(docstring: str, function: str, *, packages: Collection[str]) -> Session:
    """The examples of ``function``'s docstring, as statements.

    Args:
        packages: names that the examples may call the function's own package or modules by.

    Raises:
        ValueError: the docstring's examples are not laid out as doctest wants them.
    """
    from doctest import SKIP, DocTestParser

    session = Session()
    known = {function}
    for example in DocTestParser().get_examples(docstring):
        try:
            tree = _parsed(example.source)
        except _Refused as refusal:
            session.left_out[str(refusal)] += 1
            continue
        tree = _Unqualified(function, packages).visit(tree)
        names = assigned(tree) | _imported(tree)
        try:
            if example.options.get(SKIP):
                raise _Refused(SKIPPED)
            if function in names and not _only_imports(tree):
                raise _Refused(OTHERS)
            if _only_imports(tree):
                session.imports |= _import_lines(tree, function, packages)
                known |= names
                continue
            statement = _statement(tree, example, known, session)
        except _Refused as refusal:
            session.left_out[str(refusal)] += 1
            known -= names - {function}
            continue
        known |= names
        session.statements.append(statement.text)
        session.values += statement.value
        session.exceptions += statement.exception
    return session


def _parsed(source: str) -> ast.Module:
    try:
        return parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _Refused(UNREADABLE) from None


class _Unqualified(ast.NodeTransformer):
    """``package.function`` is the function."""

    def __init__(self, function: str, packages: Collection[str]) -> None:
        self._function, self._packages = function, packages

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.attr == self._function and ast.unparse(node.value) in self._packages:
            return ast.copy_location(ast.Name(self._function, ast.Load()), node)
        return node


def _only_imports(tree: ast.Module) -> bool:
    return bool(tree.body) and all(isinstance(node, ast.Import | ast.ImportFrom) for node in tree.body)


def _imported(tree: ast.Module) -> set[str]:
    return {
        (alias.asname or alias.name).split(".")[0]
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }


def _import_lines(tree: ast.Module, function: str, packages: Collection[str]) -> set[str]:
    """The imports that the tests need; those of the function itself or of its package need nothing.

    Raises _Refused: a module that may do more than compute, or something else of the package.
    """
    lines: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            foreign = [alias for alias in node.names if alias.name not in packages]
            if any(alias.name not in PURE_MODULES for alias in foreign):
                raise _Refused(OTHERS)
            lines |= {ast.unparse(ast.Import([alias])) for alias in foreign}
        elif isinstance(node, ast.ImportFrom):
            if node.module in PURE_MODULES and not node.level and all(alias.name != "*" for alias in node.names):
                lines.add(ast.unparse(node))
            elif any(alias.name not in (function, "*") or alias.asname for alias in node.names):
                raise _Refused(OTHERS)
    return lines


def _statement(tree: ast.Module, example: object, known: Collection[str], session: Session) -> _Statement:
    """Raises _Refused."""
    said = objection(tree, {*known, *(name for line in session.imports for name in _imported(parse(line)))})
    if said is not None:
        raise _Refused(OTHERS if said.startswith("name ") else UNSAFE)
    want = str(example.want)  # type: ignore[attr-defined]
    expression = tree.body[0].value if len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr) else None
    if (message := example.exc_msg) is not None:  # type: ignore[attr-defined]
        return _Statement(_raising(ast.unparse(tree), message, example.options), exception=True)  # type: ignore[attr-defined]
    if expression is None:
        if want.strip():
            raise _Refused(PRINTS)
        return _Statement(ast.unparse(tree))
    return _Statement(_comparison(expression, want, example.options, session), value=True)  # type: ignore[attr-defined]


def _comparison(expression: ast.expr, want: str, options: dict[int, bool], session: Session) -> str:
    """Raises _Refused: the output is no plain value."""
    from doctest import ELLIPSIS, NORMALIZE_WHITESPACE

    if _ADDRESS.search(want):
        raise _Refused(ADDRESS)
    if "..." in want and (options.get(ELLIPSIS) or not want.strip().startswith(("'", '"'))):
        raise _Refused(ABRIDGED)
    if not want.strip():
        return f"assert {ast.unparse(expression)} is None"
    match expression:
        case ast.Call(func=ast.Name(id="print"), args=[printed], keywords=[]):
            text = want.replace("<BLANKLINE>", "").removesuffix("\n")
            if options.get(NORMALIZE_WHITESPACE):
                return f"assert str({ast.unparse(printed)}).split() == {text.split()!r}"
            return f"assert str({ast.unparse(printed)}) == {text!r}"
        case _:
            value = plain_value(want)
    if value is None:
        raise _Refused(NOT_PLAIN)
    session.imports |= imports_for(value)
    return f"assert _same({ast.unparse(expression)}, {ast.unparse(value)})"


def _raising(source: str, message: str, options: dict[int, bool]) -> str:
    """Raises _Refused: the exception is not one of Python's own."""
    from doctest import ELLIPSIS, IGNORE_EXCEPTION_DETAIL

    name, _, detail = message.strip().partition(":")
    kind = getattr(builtins, name.strip(), None)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        raise _Refused(NOT_PLAIN)
    loose = options.get(IGNORE_EXCEPTION_DETAIL) or options.get(ELLIPSIS) or kind is KeyError or not detail.strip()
    checked = "" if loose else f"\n    assert str(error) == {detail.strip()!r}, 'another message'"
    body = "\n".join(f"    {line}" for line in source.splitlines())
    return f"try:\n{body}\nexcept {name} as error:\n    pass{checked}\nelse:\n    raise AssertionError('no {name}')"
