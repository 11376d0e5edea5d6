"""What a router sees of a prompt: its last question, and what the request brings with it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from suture.core.measure.task import Message, Task
from suture.core.measure.tools import Tool
from suture.router.plain import apart, plain


@dataclass(frozen=True)
class Seen:
    """``text``: the last message of a user; ``tools``, ``schema``: the request offers tools, or states a schema."""

    text: str
    tools: bool = False
    schema: bool = False

    @cached_property
    def plain(self) -> str:
        """The question in one spelling, made once however many rules look at it."""
        return plain(self.text)

    @cached_property
    def words(self) -> str:
        """What rules look for words in: without the courtesies that stood before or behind others."""
        return apart(plain(self.plain))


def seen_in(messages: Sequence[Message], tools: Sequence[Tool] = (), schema_text: str | None = None) -> Seen:
    """A chat as routers see it: what was asked last decides, not what was said before."""
    asked = next((message.content for message in reversed(messages) if message.role == "user"), "")
    return Seen(asked, bool(tools), schema_text is not None)


def seen_of(task: Task) -> Seen:
    return seen_in(task.messages, task.tools)
