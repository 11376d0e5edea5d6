"""Your own tasks of any kind, one JSON object a line: a question, a kind, and the check that decides."""

from typing import Any

from pydantic import ConfigDict, Field, TypeAdapter, model_validator

from suture.core.frozen import Frozen
from suture.core.measure.checks import Check
from suture.core.measure.task import AnswerForm, Message, Task
from suture.suites.kinds import kind_of

_CHECK = TypeAdapter[Any](Check)


class OwnRow(Frozen):
    """Attributes:
    id: what people call the task.
    kind: the sort of job; the keys of ``check`` are this kind's.
    prompt, messages: the question: one text, or a chat. One of the two.
    reference: a right answer; it is what a failure is taught, and shows that the check can be passed.
    form: how the answer is opened, closed and stopped; by default it is free.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    kind: str
    prompt: str | None = None
    messages: tuple[Message, ...] | None = None
    check: dict[str, Any]
    reference: str | None = None
    form: AnswerForm = AnswerForm()
    tags: tuple[str, ...] = ()
    origin: str = ""
    licence: str = ""

    @model_validator(mode="after")
    def _one_question(self) -> "OwnRow":
        if (self.prompt is None) == (self.messages is None):
            raise ValueError("give the question once: as `prompt`, or as `messages`")
        return self


def own_task(row: dict[str, Any], *, suite: str, origin: str) -> Task:
    """A task from a row.

    Raises:
        ValueError: an unknown key, a check that its kind does not know, or one that nothing can pass.
    """
    fields = OwnRow.model_validate(row)
    messages = fields.messages or (Message(role="user", content=fields.prompt or ""),)
    task = Task(
        id=fields.id,
        suite=suite,
        messages=messages,
        form=fields.form,
        check=_CHECK.validate_python({**fields.check, "kind": fields.kind}),
        reference=fields.reference,
        origin=fields.origin or origin,
        licence=fields.licence,
        tags=(suite, *fields.tags),
    )
    if (complaint := kind_of(task).complaint(task)) is not None:
        raise ValueError(complaint)
    return task
