"""Sorts of jobs: what a task's answer is, and how it is extracted, decided and taught. One row a kind."""

from collections.abc import Mapping

from suture.core.digest import digest_of_text
from suture.core.measure.attempt import Completion
from suture.core.measure.task import Task
from suture.core.measure.verdict import Verdict
from suture.suites.kinds.grader.kind import GraderKind
from suture.suites.kinds.json import JsonKind
from suture.suites.kinds.kind import Kind, Submission
from suture.suites.kinds.python.kind import PythonKind
from suture.suites.kinds.sql.kind import SqlKind
from suture.suites.kinds.text.kind import TextKind
from suture.suites.kinds.tool_calls.kind import ToolCallsKind

KINDS: Mapping[str, Kind] = {
    "python": PythonKind(),
    "json": JsonKind(),
    "text": TextKind(),
    "sql": SqlKind(),
    "grader": GraderKind(),
    "tool-calls": ToolCallsKind(),
}


def kind_of(task: Task) -> Kind:
    return KINDS[task.check.kind]


def is_taught(task: Task) -> bool:
    """Whether there is a right answer to teach where a task fails: its reference, or what its check states."""
    return task.reference is not None or kind_of(task).stated_answer(task) is not None


def submission_of(task: Task, answer: str) -> Submission:
    """Make what the judge runs for an answer that its kind does not decide.

    Raises:
        TypeError: nothing of this kind is ever run.
    """
    sandboxing = kind_of(task).sandboxing
    if sandboxing is None:
        raise TypeError(f"{task.id} is of kind {task.check.kind!r}, of which nothing is run")
    return sandboxing.submission(task, answer)


def key_of(submission: Submission) -> tuple[str, str]:
    """Return the key of a verdict in the ledger: all that is run is in it."""
    return submission.task.digest, digest_of_text(submission.program)


def decided(task: Task, completion: Completion) -> Verdict | Submission:
    """The verdict of an answer, or what the judge has to run for it. To be settled by ``kind_of(task)``."""
    kind = kind_of(task)
    answer = kind.extract(task, completion)
    if isinstance(answer, Verdict):
        return answer
    verdict = kind.decide(task, answer)
    return submission_of(task, answer) if verdict is None else verdict
