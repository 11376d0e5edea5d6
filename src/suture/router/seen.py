"""What a router sees of a prompt: its last question, and what the request brings with it. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from suture.core.measure.task import Message, Task
from suture.core.measure.tools import Tool


class Seen(NamedTuple):
    """``text``: the last message of a user; ``tools``, ``schema``: the request offers tools, or states a schema."""

    text: str
    tools: bool = False
    schema: bool = False


def seen_in(messages: Sequence[Message], tools: Sequence[Tool] = (), schema_text: str | None = None) -> Seen:
    """A chat as routers see it: what was asked last decides, not what was said before."""
    asked = next((message.content for message in reversed(messages) if message.role == "user"), "")
    return Seen(asked, bool(tools), schema_text is not None)


def seen_of(task: Task) -> Seen:
    return seen_in(task.messages, task.tools)
