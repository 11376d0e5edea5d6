"""Lets a model write tasks in MBPP's form, after the example of some it can solve."""

from collections.abc import Sequence

from suture.core.measure.task import Assertions, Task
from suture.suites.mbpp import INSTRUCTION, mbpp_task

TITLE = "# Easy Python exercises, each with two tests."
BETWEEN = "\n\n"
TESTS = 2
MOST_TOKENS = 128
_AFTER_WORDING = INSTRUCTION.partition("{text}")[2].partition("{tests}")[0]


def is_exercise(task: Task) -> bool:
    """Whether a task can be shown as an example: a question in words, and assertions."""
    return isinstance(task.tests, Assertions) and _AFTER_WORDING in task.messages[-1].content


def opening_of(examples: Sequence[Task]) -> str:
    """A text that the next exercise would continue. Not a chat: a small model continues better than it obeys."""
    return BETWEEN.join([TITLE, *(_shown(task) for task in examples), "Write a"])


def exercise_from(continuation: str, *, number: int) -> Task | None:
    """What a model wrote after ``opening_of``, as a task; None when it is none."""
    wording, *lines = f"Write a{continuation}".strip().split("\n")
    tests = [line.strip() for line in lines if line.startswith("assert ")][:TESTS]
    row = {"task_id": f"rehearsal/{number}", "text": wording, "test_list": tests}
    try:
        return mbpp_task(row, suite="rehearsal", origin="written by the base", licence="", prefix="rehearsal")
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _shown(task: Task) -> str:
    wording = task.messages[-1].content.partition(_AFTER_WORDING)[0]
    statements = task.tests.statements if isinstance(task.tests, Assertions) else ()
    return "\n".join([wording, *statements[:TESTS]])
