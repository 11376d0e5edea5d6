"""A task: a question, the form of its answer, and the check that decides."""

from functools import cached_property
from typing import Any, Literal, TypeVar

from pydantic import Field

from suture.core.digest import digest_of
from suture.core.frozen import Frozen
from suture.core.measure.checks import Check
from suture.core.measure.tools import Tool, ToolCall


def _is_empty(value: object) -> bool:
    """Fields that came later are left out of JSON, and so of digests, where they say nothing."""
    return value in ((), "")


class Message(Frozen):
    """Attributes:
    tool_calls: what an assistant's turn called.
    name: of the tool whose result a turn of role ``tool`` is.
    """

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_calls: tuple[ToolCall, ...] = Field(default=(), exclude_if=_is_empty)
    name: str = Field(default="", exclude_if=_is_empty)

    def as_openai(self) -> dict[str, Any]:
        """Return the message as chat templates and servers take it."""
        said = self.model_dump(mode="json", exclude={"tool_calls"})
        return said | {"tool_calls": [call.as_openai() for call in self.tool_calls]} if self.tool_calls else said


class AnswerForm(Frozen):
    """How an answer is opened, closed and stopped.

    Attributes:
        opening: what the assistant's turn is opened with, such as a code fence.
        closing: what ends a training target.
        stop: generation ends before the first of these.
        max_tokens: how long an answer may be; None for as long as the engine is told.
    """

    opening: str = ""
    closing: str = ""
    stop: tuple[str, ...] = ()
    max_tokens: int | None = Field(default=None, gt=0)


def fenced(language: str) -> AnswerForm:
    """One fenced block, already opened. It stops at a closing fence alone on its line: a fence that opens another block
    does not end the answer, so that prose before the code costs nothing but tokens."""
    return AnswerForm(opening=f"```{language}\n", closing="\n```", stop=("\n```\n",))


class Task(Frozen):
    """One benchmark task. ``digest`` names its content; ``id`` is only how people call it.

    Attributes:
        id: the official name, such as ``HumanEval/23`` or ``MBPP/41``.
        suite: the suite it came from, such as ``humaneval``.
        messages: the chat that asks for the answer, without the opened answer.
        tools: what the chat offers to call.
        check: decides whether an answer passes; its ``kind`` says what sort of job this is.
        reference: the official answer (for kind ``python`` a whole program), or None.
        tags: for breakdowns in reports.
        groups: names of what it shares with other tasks; tasks that share one are never parted by a split.
    """

    id: str
    suite: str
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = Field(default=(), exclude_if=_is_empty)
    form: AnswerForm = AnswerForm()
    check: Check
    reference: str | None = None
    official_split: str | None = None
    origin: str = ""
    licence: str = ""
    tags: tuple[str, ...] = ()
    groups: tuple[str, ...] = Field(default=(), exclude=True)

    @cached_property
    def content_digest(self) -> str:
        """What is asked and how it is decided: equal for the same task under two ids or in two suites.

        Contamination between splits is decided by this digest, never by the id.
        """
        asked = [" ".join(message.content.split()) for message in self.messages if message.role == "user"]
        offered = {"tools": [tool.to_json() for tool in self.tools]} if self.tools else {}
        return digest_of({"ask": asked, "tests": self.check.evidence} | offered)


C = TypeVar("C", bound=Check)


def check_of(task: Task, model: type[C]) -> C:
    """The task's check, which is of this kind. Raises TypeError: the task is of another kind."""
    if not isinstance(task.check, model):
        raise TypeError(f"{task.id} is of kind {task.check.kind!r}, not {model.model_fields['kind'].default}")
    return task.check
