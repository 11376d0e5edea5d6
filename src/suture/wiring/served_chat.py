"""Which served requests ask the same: whoever leaves out, counts once or compares goes by one key."""

from collections.abc import Sequence
from typing import NamedTuple
from unicodedata import normalize

from suture.core.digest import canonical_json
from suture.core.measure.served_record import ServedRecord
from suture.core.measure.task import Message
from suture.core.measure.tools import Tool
from suture.serve.asked_again import CannotAsk, inquiry_of


class Chat(NamedTuple):
    """What a client asked in a chat, and the tools that it offered."""

    messages: Sequence[Message]
    tools: Sequence[Tool]

    @property
    def key(self) -> str:
        """The same for questions that differ in blanks, or in how characters are composed."""
        turns = [(one.role, " ".join(normalize("NFC", one.content).split())) for one in self.messages]
        return canonical_json([turns, [tool.to_json() for tool in self.tools]])


def chat_of(record: ServedRecord) -> Chat | None:
    """What was asked; None where it was no chat, or cannot be asked again."""
    if not record.answers:
        return None
    try:
        asked = inquiry_of(record, 0)
    except CannotAsk:
        return None
    return Chat(asked.messages, asked.tools) if asked.messages else None
