"""What a model is asked, without how its answer is decided."""

from suture.core.frozen import Frozen
from suture.core.measure.checks import Check
from suture.core.measure.task import AnswerForm, Message, Task
from suture.core.measure.tools import Tool


class Asked(Frozen):
    """A task as whoever serves a model sees it. An acceptance check is made from this alone, so it cannot see a task's
    tests or reference.

    Attributes:
        kind: the sort of job, such as ``python``: a route's, where there is no task; "" where nobody says.
        messages, tools, form: as the task's.
        schema_text: a JSON Schema that whoever asks wants the answer to be valid by, beside the messages.
    """

    kind: str
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    form: AnswerForm = AnswerForm()
    schema_text: str | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """What may say how the answer is to be: the last message, then the system's. Earlier turns asked for others."""
        system = [message.content for message in self.messages[:-1] if message.role == "system"]
        return (*(message.content for message in self.messages[-1:]), *system)

    def checked_by(self, check: Check) -> Task:
        """The same question, decided by ``check`` instead of its own tests."""
        return Task(id="asked", suite="asked", messages=self.messages, tools=self.tools, form=self.form, check=check)


def asked_of(task: Task) -> Asked:
    return Asked(kind=task.check.kind, messages=task.messages, tools=task.tools, form=task.form)
