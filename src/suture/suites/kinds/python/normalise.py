"""Brings a reference solution nearer to a small model's own style.

Parsed and unparsed (one formatting), docstrings dropped: trained on copied docstrings, a small model learns to
spend its token budget on repeating the question. ``map`` and ``filter`` with a lambda become comprehensions: a model
that writes comprehensions and is taught a few lambdas answers tasks it passed before with lambdas that are wrong.
"""

import ast

from suture.suites.parse import parse

COMPREHENSIONS: dict[str, type[ast.ListComp | ast.SetComp]] = {"list": ast.ListComp, "set": ast.SetComp}


def normalise(source: str) -> str:
    """Raises SyntaxError when ``source`` is no Python."""
    tree = parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            _drop_docstring(node)
    return ast.unparse(ast.fix_missing_locations(_Comprehend().visit(tree)))


def _drop_docstring(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module) -> None:
    if ast.get_docstring(node, clean=False) is None:
        return
    rest = node.body[1:]
    node.body = rest or ([] if isinstance(node, ast.Module) else [ast.Pass()])  # pyright: ignore[reportAttributeAccessIssue]


class _Comprehend(ast.NodeTransformer):
    """``map(lambda x: f(x), xs)`` is ``(f(x) for x in xs)``, and a list or set made of one is a comprehension."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Call(ast.Name("map"), [ast.Lambda(arguments, body), *over], []) if _fits(arguments, over):
                return ast.GeneratorExp(body, [_each(arguments, over)])
            case ast.Call(ast.Name("filter"), [ast.Lambda(arguments, test), over], []) if _fits(arguments, [over]):
                element = ast.Name(arguments.args[0].arg, ast.Load())
                return ast.GeneratorExp(element, [_each(arguments, [over], test)])
            case ast.Call(ast.Name(made), [ast.GeneratorExp(element, each)], []) if made in COMPREHENSIONS:
                return COMPREHENSIONS[made](element, each)
            case _:
                return node


def _fits(arguments: ast.arguments, over: list[ast.expr]) -> bool:
    """Whether it takes one plain argument for each of these, none of which stands for several, and no others."""
    others = (*arguments.posonlyargs, *arguments.kwonlyargs, *arguments.defaults, arguments.vararg, arguments.kwarg)
    spread = any(isinstance(one, ast.Starred) for one in over)
    return len(arguments.args) == len(over) > 0 and not any(others) and not spread


def _each(arguments: ast.arguments, over: list[ast.expr], *tests: ast.expr) -> ast.comprehension:
    names: list[ast.expr] = [ast.Name(argument.arg, ast.Store()) for argument in arguments.args]
    if len(names) == 1:
        return ast.comprehension(names[0], over[0], list(tests), 0)
    zipped = ast.Call(ast.Name("zip", ast.Load()), over, [])
    return ast.comprehension(ast.Tuple(names, ast.Store()), zipped, list(tests), 0)
