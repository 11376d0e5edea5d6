"""evalplus: its ``eval_results.json``, and its rule.

The rule: an expected float, or list or tuple of floats, is met within rtol 1e-7 and atol 1e-6
(``evalplus/eval/__init__.py``, 0.3.1). Decided by the referee like any other test.
"""

import ast
from typing import Any

from pydantic import Field

from suture.core.digest import digest_of
from suture.core.errors import BadFile
from suture.core.json_types import is_list, is_object
from suture.core.measure.checks.python import Assertions, CheckFunction, PythonCheck
from suture.core.measure.sheet import SheetEntry
from suture.core.measure.task import Task, check_of
from suture.core.measure.verdict import Reason, Verdict
from suture.files.rows import BenchmarkRow
from suture.harnesses.opened import PASSED, Choices, Opened, ResultsReading, failed, in_runs, without_verdict
from suture.suites.parse import parse


class EvalPlusResult(BenchmarkRow):
    task_id: str
    solution: str = ""
    base_status: str | None
    plus_status: str | None = None


class EvalPlusResults(BenchmarkRow):
    """``evalplus/evaluate.py``: ``hash`` names the version of its tests."""

    hash: str = ""
    eval: dict[str, tuple[EvalPlusResult, ...]] = Field(min_length=1)


def knows(row: dict[str, Any]) -> bool:
    """inspect_ai's logs have a key ``eval`` too, and are asked for first; BigCodeBench's results say ``status``."""
    found = row.get("eval")
    return is_object(found) and not any(_is_anothers(sample) for samples in found.values() for sample in _rows(samples))


def _rows(samples: Any) -> list[Any]:
    return samples if is_list(samples) else [samples]


def _is_anothers(sample: Any) -> bool:
    return is_object(sample) and "base_status" not in sample and bool({"status", "nfiles"} & sample.keys())


def read(opened: Opened, _choices: Choices) -> ResultsReading:
    (results,) = opened.parsed(EvalPlusResults.model_validate)
    plus = any(sample.plus_status is not None for samples in results.eval.values() for sample in samples)
    tests = "base and plus" if plus else "base"
    entries = [
        SheetEntry(
            task_id, digest_of(task_id), _verdict(s), task_id.partition("/")[0], kind="python", answer=s.solution
        )
        for task_id, samples in results.eval.items()
        for s in samples
    ]
    if not entries:
        raise BadFile(
            f"{opened.path}: results of evalplus without one sample",
            mend="evalplus.evaluate --dataset humaneval --samples FILE",
        )
    instrument = {"harness": "evalplus", "suite": results.hash, "tests": tests}
    return ResultsReading(in_runs(entries, opened.sha256, [opened.sha256], instrument), {}, (f"{tests} tests",))


def _verdict(sample: EvalPlusResult) -> Verdict:
    """As evalplus counts: a plus status that is not there asks nothing. A status nobody knows is a fault."""
    told = {sample.base_status} if sample.plus_status is None else {sample.base_status, sample.plus_status}
    if told == {"pass"}:
        return PASSED
    if told == {None}:
        return without_verdict("evalplus gave it no status")
    if not sample.solution.strip():
        return failed(Reason.NO_ANSWER)
    if not _parses(sample.solution):
        return failed(Reason.SYNTAX)
    return failed(Reason.WALL if "timeout" in told else Reason.WRONG)


def _parses(source: str) -> bool:
    try:
        parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def as_evalplus(task: Task, program: str) -> tuple[Task, str]:
    """The submission that gets, from this judge, what evalplus's rule says."""
    check = check_of(task, PythonCheck)
    tests = check.tests
    if isinstance(tests, CheckFunction):
        relaxed = CheckFunction(source=_TOLERANCE + _relaxed(tests.source))
    elif isinstance(tests, Assertions):
        statements = tuple(_relaxed(statement) for statement in tests.statements)
        relaxed = Assertions(setup=_TOLERANCE + tests.setup, statements=statements)
    else:
        return task, program
    return task.model_copy(update={"check": check.model_copy(update={"tests": relaxed})}), program


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
