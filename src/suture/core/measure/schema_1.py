"""Task digests as ledgers of before kinds have them, so that a pinned held-out set is still known."""

from suture.core.digest import digest_of
from suture.core.measure.checks.python import PythonCheck
from suture.core.measure.task import Task

STOP = ("\n```",)


def digest_in_schema_1(task: Task) -> str | None:
    """Compute what ``task.digest`` was when a task was a Python program; None for a task of another kind."""
    check = task.check
    if not isinstance(check, PythonCheck):
        return None
    said = task.model_dump(mode="json", exclude={"form", "check"})
    tested = check.model_dump(mode="json", exclude={"kind"})
    return digest_of({**said, **tested, "answer_prefix": task.form.opening, "stop": STOP})
