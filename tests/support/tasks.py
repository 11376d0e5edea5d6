"""Tasks of kind ``python`` in one call: what belongs to the check is told apart from what belongs to the task."""

from suture.core.measure.checks.python import PythonCheck
from suture.core.measure.task import Task, fenced

OF_THE_CHECK = ("prelude", "given", "stub", "entry_point", "tests", "limits")


def python_task(**fields) -> Task:
    check = PythonCheck(**{name: fields.pop(name) for name in OF_THE_CHECK if name in fields})
    return Task(**{"id": "t", "suite": "s", "messages": (), "form": fenced("python"), "check": check, **fields})
