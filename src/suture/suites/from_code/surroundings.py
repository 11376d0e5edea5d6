"""What a function needs of the module around it: imports of the standard library, constants and other functions."""

import ast
import builtins
import importlib
import symtable
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from suture.suites.from_code.modules import Module
from suture.suites.harmless import objection

_NOT_FOR_IMPORT = {"antigravity", "this", "idlelib", "turtle", "turtledemo", "tkinter", "__main__", "test"}
_STANDARD = sys.stdlib_module_names - _NOT_FOR_IMPORT
_DECORATORS = ("wraps", "lru_cache", "cache", "functools")
MOST_CHARACTERS = 4000
"""Of what stands before the function: more of it would be no question about one function."""


class NeedsMore(Exception):
    """The function cannot stand alone; says why, as the reason that is counted."""


def free_names(source: str) -> set[str]:
    """Names that a module's source reads and does not define."""
    found: set[str] = set()
    tables = [symtable.symtable(source, "<source>", "exec")]
    own = {symbol.get_name() for symbol in tables[0].get_symbols() if symbol.is_assigned() or symbol.is_namespace()}
    while tables:
        table = tables.pop()
        top = table.get_type() == "module"
        found |= {s.get_name() for s in table.get_symbols() if s.is_referenced() and (top or s.is_global())}
        tables += table.get_children()
    return found - own


@dataclass
class Surroundings:
    """Collects, in the order in which they must stand, the pieces that one function needs.

    Args:
        modules: of the code base, by dotted name.
    """

    modules: Mapping[str, Module]
    _pieces: dict[str, str] = field(default_factory=dict[str, str])
    _begun: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    def add_for(self, source: str, module: Module) -> None:
        """Everything that ``source`` reads of its module.

        Raises:
            NeedsMore: something that cannot be taken along.
        """
        for name in sorted(free_names(source)):
            self._add(name, module)

    @property
    def text(self) -> str:
        """Raises NeedsMore: it is too much."""
        imports = [piece for piece in self._pieces.values() if piece.startswith(("import ", "from "))]
        rest = [piece for piece in self._pieces.values() if piece not in imports]
        text = "".join(f"{line}\n" for line in sorted(set(imports))) + "".join(f"\n{piece}\n" for piece in rest)
        if len(text) > MOST_CHARACTERS:
            raise NeedsMore("it needs too much of its module")
        return text

    def _add(self, name: str, module: Module) -> None:
        if (module.name, name) in self._begun:
            return
        self._begun.add((module.name, name))
        bound = _binding(name, module)
        if bound is None:
            if hasattr(builtins, name):
                return
            raise NeedsMore("it needs a name that its module does not show")
        piece = self._piece(bound, name, module)
        if piece and self._pieces.setdefault(name, piece) != piece:
            raise NeedsMore("it needs two things of one name")

    def _piece(self, bound: ast.stmt, name: str, module: Module) -> str:
        match bound:
            case ast.Import() | ast.ImportFrom():
                return self._imported(bound, name, module)
            case ast.FunctionDef():
                return self._function(bound, module)
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
                return self._constant(name, value, module)
            case ast.ClassDef():
                raise NeedsMore("it needs a class of its module")
            case _:
                raise NeedsMore("it needs what its module computes")

    def _imported(self, node: ast.Import | ast.ImportFrom, name: str, module: Module) -> str:
        alias = next(a for a in node.names if (a.asname or a.name).split(".")[0] == name)
        if isinstance(node, ast.Import):
            if alias.name.split(".")[0] not in _STANDARD:
                raise NeedsMore("it imports what is not there")
            return ast.unparse(ast.Import([alias]))
        source = _absolute(node, module)
        if not node.level and source.split(".")[0] in _STANDARD and source not in self.modules:
            return ast.unparse(ast.ImportFrom(source, [alias], 0))
        if source not in self.modules:
            raise NeedsMore("it imports what is not there")
        if alias.asname not in (None, alias.name):
            raise NeedsMore("it needs something under another name")
        self._add(alias.name, self.modules[source])
        return ""

    def _function(self, node: ast.FunctionDef, module: Module) -> str:
        for decorator in node.decorator_list:
            if not ast.unparse(decorator).startswith(_DECORATORS):
                raise NeedsMore("it needs a decorated function of its module")
        text = ast.unparse(bare(node))
        self.add_for(text, module)
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            if default is not None and objection(default, {*self._pieces}) is not None:
                raise NeedsMore("it needs what its module computes")
        return text

    def _constant(self, name: str, value: ast.expr, module: Module) -> str:
        text = ast.unparse(value)
        self.add_for(text, module)
        if text != "object()" and objection(value, {*self._pieces}) is not None:
            raise NeedsMore("it needs what its module computes")
        return f"{name} = {text}"


def bare(node: ast.FunctionDef) -> ast.FunctionDef:
    """A function without annotations and docstring."""
    copy = ast.parse(ast.unparse(node)).body[0]
    if not isinstance(copy, ast.FunctionDef):
        raise TypeError(type(copy).__name__)
    without_annotations(copy)
    if ast.get_docstring(copy) is not None:
        copy.body = copy.body[1:] or [ast.Pass()]
    return copy


def without_annotations(node: ast.FunctionDef) -> None:
    """Takes the annotations of its parameters and result away, in place."""
    node.returns = None
    for parameter in ast.walk(node.args):
        if isinstance(parameter, ast.arg):
            parameter.annotation = None


def _absolute(node: ast.ImportFrom, module: Module) -> str:
    if not node.level:
        return node.module or ""
    package = module.package.split(".")
    base = package[: len(package) - (node.level - 1)]
    return ".".join([*base, *([node.module] if node.module else [])])


def _binding(name: str, module: Module) -> ast.stmt | None:
    """The last statement of a module that binds a name."""
    nodes = reversed(list(_statements(module.tree.body)))
    return next((node for node in nodes if name in _bound_by(node) and not _is_lacking(node)), None)


def _is_lacking(node: ast.stmt) -> bool:
    """Whether it imports from the standard library what this version of Python does not have."""
    if not isinstance(node, ast.ImportFrom) or node.level or node.module not in _STANDARD:
        return False
    found = importlib.import_module(node.module)
    return any(alias.name != "*" and not hasattr(found, alias.name) for alias in node.names)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """At module level; of alternatives the first that may run comes last, where it counts."""
    for node in body:
        if isinstance(node, ast.Try):
            for handler in node.handlers:
                yield from _statements(handler.body)
            yield from _statements(node.body)
        elif isinstance(node, ast.If):
            yield from _statements(node.orelse)
            yield from _statements(node.body)
        else:
            yield node


def _bound_by(node: ast.stmt) -> set[str]:
    match node:
        case ast.Import() | ast.ImportFrom():
            return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return {node.name}
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.For() | ast.With():
            return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        case _:
            return set()
