from tasks import python_task

from suture.core.measure.checks.python import Assertions
from suture.core.measure.task import Message
from suture.suites.kinds.python.rewrite import rewrite_messages


def test_the_question_is_asked_with_its_solution():
    task = python_task(
        id="T/1",
        suite="t",
        messages=(Message(role="system", content="Be brief."), Message(role="user", content="Add two numbers.\n")),
        entry_point="add",
        tests=Assertions(statements=("assert add(1, 2) == 3",)),
    )
    system, question = rewrite_messages(task, "def add(a, b):\n    return a + b\n", "add")
    assert system == task.messages[0]
    assert question.role == "user"
    assert question.content.startswith("Add two numbers.\n\n")
    assert "```python\ndef add(a, b):\n    return a + b\n```" in question.content
    assert "`add`" in question.content
    assert "assert" not in question.content
