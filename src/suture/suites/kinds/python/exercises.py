"""Lets a model write tasks in MBPP's form, after the example of some it can solve."""

from collections.abc import Sequence

from suture.core.measure.checks.python import Assertions, PythonCheck
from suture.core.measure.task import Task, check_of
from suture.core.measure.verdict import Reason, Verdict
from suture.suites.kinds.python.example_statements import may_run
from suture.suites.mbpp import INSTRUCTION, mbpp_task
from suture.suites.parse import parse

TITLE = "# Easy Python exercises, each with two tests."
TESTS = 2
_AFTER_WORDING = INSTRUCTION.partition("{text}")[2].partition("{tests}")[0]


class ExerciseWriting:
    """See ``TaskWriting``."""

    between = "\n\n"
    max_tokens = 128
    wanted = "a task in MBPP's form: a question in words, and assertions"

    def is_example(self, task: Task) -> bool:
        return bool(_statements(task)) and _AFTER_WORDING in task.messages[-1].content

    def opening_of(self, examples: Sequence[Task]) -> str:
        """Not a chat: a small model continues better than it obeys."""
        return self.between.join([TITLE, *(_shown(task) for task in examples), "Write a"])

    def task_from(self, continuation: str, *, number: int) -> Task | None:
        wording, *lines = f"Write a{continuation}".strip().split("\n")
        tests = [line.strip() for line in lines if line.startswith("assert ")][:TESTS]
        row = {"task_id": f"rehearsal/{number}", "text": wording, "test_list": tests}
        try:
            task = mbpp_task(row, suite="rehearsal", origin="written by the base", licence="", prefix="rehearsal")
            return task if _only_computes(task) else None
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return None

    def names_of(self, task: Task) -> tuple[str, ...]:
        """The function's name and the first line of the question, which is what is asked without its tests."""
        wording = task.messages[-1].content.strip().split("\n", 1)[0]
        name = task.check.entry_point if isinstance(task.check, PythonCheck) else ""
        return (
            "name " + name.replace("_", "").casefold(),
            "wording " + "".join(letter for letter in wording.casefold() if letter.isalnum()),
        )

    def is_usable(self, verdict: Verdict) -> bool:
        """It runs, even to a value the task's own tests do not expect: they are as often wrong."""
        return verdict.passed or verdict.reason is Reason.WRONG


def _statements(task: Task) -> tuple[str, ...]:
    tests = task.check.tests if isinstance(task.check, PythonCheck) else None
    return tests.statements if isinstance(tests, Assertions) else ()


def _only_computes(task: Task) -> bool:
    """Tests run outside the sandbox, and a model wrote these."""
    known = {check_of(task, PythonCheck).entry_point}
    return all(may_run(parse(statement), known) for statement in _statements(task))


def _shown(task: Task) -> str:
    wording = task.messages[-1].content.partition(_AFTER_WORDING)[0]
    return "\n".join([wording, *_statements(task)[:TESTS]])
