"""Sorts of jobs: what a task's answer is, and how it is extracted, decided and taught. One row a kind."""

from collections.abc import Mapping

from suture.core.measure.task import Task
from suture.suites.kinds.json import JsonKind
from suture.suites.kinds.kind import Kind
from suture.suites.kinds.python.kind import PythonKind
from suture.suites.kinds.text.kind import TextKind
from suture.suites.kinds.tool_calls.kind import ToolCallsKind

KINDS: Mapping[str, Kind] = {
    "python": PythonKind(),
    "json": JsonKind(),
    "text": TextKind(),
    "tool-calls": ToolCallsKind(),
}


def kind_of(task: Task) -> Kind:
    return KINDS[task.check.kind]
