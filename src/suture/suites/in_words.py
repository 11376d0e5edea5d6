"""Says in plain words when an answer to a task passes."""

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

from suture.core.measure.checks.grader import GraderCheck
from suture.core.measure.checks.json import JsonCheck
from suture.core.measure.checks.python import (
    Assertions,
    CallCases,
    CheckFunction,
    DataCalls,
    Limits,
    PythonCheck,
    StdinCases,
)
from suture.core.measure.checks.sql import SqlCheck
from suture.core.measure.checks.text import TextCheck
from suture.core.measure.checks.tool_calls import EXACT, ToolCallsCheck
from suture.core.measure.task import Task


def passes_when(task: Task) -> str:
    """What decides, as lines for people; the first continues "An answer passes when"."""
    return _OF_KIND[task.check.kind](task.check)


def _python(check: PythonCheck) -> str:
    named = f"the program with {check.entry_point}" if check.entry_point else "the program"
    tests = check.tests
    if isinstance(tests, CheckFunction):
        said = f"{named} passes these tests:\n{tests.source.strip()}"
    elif isinstance(tests, Assertions):
        said = f"{named} passes these tests:\n" + "\n".join([*filter(None, [tests.setup.strip()]), *tests.statements])
    elif isinstance(tests, StdinCases):
        cases = [f"{case.stdin.strip()!r} gives {case.stdout.strip()!r}" for case in tests.cases]
        said = f"{named} prints what is wanted for {len(cases)} inputs:\n" + "\n".join(cases)
    elif isinstance(tests, CallCases):
        cases = [f"({', '.join(case.arguments)}) gives {case.expected}" for case in tests.cases]
        said = f"{named} returns what is wanted for {len(cases)} calls:\n" + "\n".join(cases)
    else:
        said = _data_calls(tests)
    return f"{said}\n{_within(check.limits)}"


def _data_calls(tests: DataCalls) -> str:
    return f"compare() agrees with what run() gives for {len(tests.arguments)} arguments:\n{tests.compare.strip()}"


def _json(check: JsonCheck) -> str:
    options = [
        *(["objects may have other keys too"] if check.subset else []),
        *(["lists may be in any order"] if check.unordered else []),
        *([f"numbers may be off {_tolerance(check.abs_tol, check.rel_tol)}"] if check.abs_tol or check.rel_tol else []),
    ]
    parts: list[str] = []
    if check.equals_text is not None:
        parts.append(f"it is one JSON value equal to\n{check.equals_text}" + "".join(f"\n({said})" for said in options))
    if check.schema_text is not None:
        formats = ", formats too" if check.assert_format else ""
        parts.append(f"it is one JSON value that this schema allows{formats}:\n{check.schema_text}")
    return "\nand ".join(parts)


def _sql(check: SqlCheck) -> str:
    places = "its database" if len(check.setup) == 1 else f"each of {len(check.setup)} databases"
    columns = "in some order of the columns, " if check.columns == "any" else ""
    ties = "\n(rows that ORDER BY leaves equal may come in any order)" if check.ties == "any" else ""
    empty = "\n(no rows at all may be right)" if check.allow_empty else ""
    setups = "\n".join(f"database {at}:\n{script.strip()}" for at, script in enumerate(check.setup, start=1))
    return (
        f"it is one query whose rows equal, {columns}on {places}, those of\n{check.reference.strip()}{ties}{empty}\n"
        f"{setups}\n{_within(check.limits)}"
    )


def _text(check: TextCheck) -> str:
    ignored = f"\n(does not count: {', '.join(check.ignore)})" if check.ignore else ""
    return _what_text(check) + ignored


def _what_text(check: TextCheck) -> str:
    if check.exact is not None:
        return f"the whole answer is {check.exact!r}"
    if check.one_of is not None:
        labels = ", ".join(map(repr, check.one_of))
        return f"the whole answer is {check.target!r}, of {labels}" if check.target else f"it is one of {labels}"
    if check.contains is not None:
        without = f", and none of {', '.join(map(repr, check.not_contains))}" if check.not_contains else ""
        return f"it has the words {', '.join(map(repr, check.contains))}{without}"
    if check.number is not None:
        wheres = {"only": "the whole answer", "last": "its last number", "after": f"the number after {check.marker!r}"}
        off = f", off {_tolerance(check.abs_tol, check.rel_tol)}" if check.abs_tol or check.rel_tol else ""
        return f"{wheres[check.where]} is {check.number}{off}" + (" (or with %)" if check.percent else "")
    if check.choice is not None:
        options = "\n".join(f"{label}) {text}" for label, text in check.options.items())
        return f"it states {check.choice}, and no other, of\n{options}"
    return f"{'a part of it' if check.search else 'the whole answer'} fits the pattern {check.regex}"


def _tool_calls(check: ToolCallsCheck) -> str:
    calls = cast("list[dict[str, Any]]", json.loads(check.calls_text))
    rule = "" if check.rule == EXACT else f"\n(values are compared by the rule {check.rule})"
    if not calls:
        return f"it calls nothing, and does not try to{rule}"
    optional = f"\n(may be left out: {', '.join(check.optional)})" if check.optional else ""
    what = "these calls and no others, in any order" if len(calls) > 1 else "this call and no other"
    return f"it makes {what}:\n" + "\n".join(map(_wanted_call, calls)) + optional + rule


def _wanted_call(call: Mapping[str, Any]) -> str:
    """``f(a=1, b=2 or 3 or nothing)``."""
    if "name" in call:
        return f"{call['name']}({', '.join(f'{key}={_value(value)}' for key, value in call['arguments'].items())})"
    ((name, parameters),) = call.items()
    shown = [f"{key}={' or '.join(_option(each) for each in options)}" for key, options in parameters.items()]
    return f"{name}({', '.join(shown)})"


def _option(value: object) -> str:
    return "nothing" if value == "" else _value(value)


def _value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _grader(check: GraderCheck) -> str:
    expected = "" if check.expected_text == "null" else f"\nexpected: {check.expected_text}"
    return f"grade(answer, task) returns True:\n{check.grader.strip()}{expected}\n{_within(check.limits)}"


def _tolerance(absolute: object, relative: object) -> str:
    sizes = [f"by {absolute}" if absolute else "", f"by {relative} of the wanted one" if relative else ""]
    return " or ".join(filter(None, sizes))


def _within(limits: Limits) -> str:
    return f"within {limits.cpu_s:g} s of CPU time and {limits.memory_mb} MB"


_OF_KIND: Mapping[str, Callable[[Any], str]] = {
    "python": _python,
    "json": _json,
    "text": _text,
    "sql": _sql,
    "grader": _grader,
    "tool-calls": _tool_calls,
}
