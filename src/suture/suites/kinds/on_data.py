"""Answers that are data, judged in the sandbox: a kind's runner is given them, and its rule compares what comes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from suture.core.measure.checks.python import DataCalls, Limits, PythonCheck
from suture.core.measure.task import Task
from suture.core.remembered import remembered


def on_data(
    runner: Path,
    rule: Path,
    arguments: Sequence[Any],
    expected: Any,
    limits: Limits,
    *,
    id: str,
    suite: str,
    reference: str | None,
) -> Task:
    """The task that the judge runs. All that decides is in it, so that its digest names the rule too.

    Args:
        runner: a source that defines ``run(argument, answer)``, for the sandbox. It raises SyntaxError where the answer
            is not of the form that it reads: such an answer fails as ``syntax``.
        rule: a source that defines ``compare(expected, results)``, for the referee.
        arguments: JSON values, one a call.
    """
    tests = DataCalls(
        runner=_source(runner),
        arguments=tuple(json.dumps(argument) for argument in arguments),
        compare=_source(rule),
        expected=json.dumps(expected),
    )
    check = PythonCheck(entry_point="run", tests=tests, limits=limits)
    return Task(id=id, suite=suite, messages=(), check=check, reference=reference)


@remembered(16)
def _source(path: Path) -> str:
    return path.read_text()
