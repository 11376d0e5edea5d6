"""Hermes function-calling rows: ``conversations`` with ``<tool_call>`` blocks, or an answer in JSON by a schema."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from suture.suites.convert.conversations import (
    Turn,
    beside_tools,
    calls_in,
    chat_of,
    task_of,
    turns_of,
    value_in,
)
from suture.suites.convert.converter import Choices, Converter, Item, Made, NotConverted, items_of_file, json_of
from suture.suites.convert.tool_definitions import tools_of
from suture.suites.kinds.thoughts import after_thoughts
from suture.suites.kinds.tool_calls.calls import NoCalls
from suture.suites.kinds.tool_calls.reading import tagged

_TOOLS = re.compile(r"<tools>\s*(.*?)\s*</tools>", re.DOTALL)
_SCHEMA = re.compile(r"<schema>\s*(.*?)\s*</schema>", re.DOTALL)


def _items(path: Path, _: Choices) -> Iterator[Item]:
    return items_of_file(path, _row)


def _row(row: dict[str, Any], number: str) -> Made:
    said = {
        "id": str(row.get("id") or number),
        "licence": "Apache-2.0",
        "tags": [str(row[key]) for key in ("category", "subcategory") if row.get(key)],
    }
    return tagged_chat(row, said)


def tagged_chat(row: dict[str, Any], said: dict[str, Any], as_kind: str | None = None) -> Made:
    """The row of a chat whose calls stand in ``<tool_call>`` tags, or in turns of their own."""
    turns = turns_of(row)
    stated: Any = row.get("system")
    said_first = [stated] if isinstance(stated, str) and stated.strip() else []
    system = "\n".join([*said_first, *(text for role, text in turns if role == "system")])
    tools = _tools(row, system)
    chat = chat_of([(role, text) for role, text in turns if role != "system"], _turn)
    if tools:
        listed = [match[0] for match in _TOOLS.finditer(system) if match[1]]
        return task_of([*beside_tools(system, *listed), *chat], tools, said, as_kind)
    before = [Turn("system", system)] if system.strip() else []
    if schema := _within(_SCHEMA, system):
        return Made(said | _json_answer(schema, before, chat))
    return task_of([*before, *chat], tools, said, as_kind)


def _turn(role: str, text: str) -> Turn:
    if role == "call":
        return Turn("assistant", "", calls_in(text))
    if role != "assistant" or "tool_call" not in text:
        return Turn(role, text)
    answer = after_thoughts(text) or ""
    try:
        written = tagged(answer)
    except NoCalls as error:
        raise NotConverted(f"of an answer, {error}") from None
    if not written and "tool_call>" in answer:
        raise NotConverted("of an answer, a <tool_call> is not opened")
    return Turn(role, text, [call for part in written for call in calls_in(part)])


def _tools(row: dict[str, Any], system: str) -> list[dict[str, Any]]:
    """The row's own, or what the system's text lists: one value, or one a line."""
    if tools := tools_of(row.get("tools")):
        return tools
    written = _within(_TOOLS, system)
    if not written:
        return []
    try:
        return tools_of(value_in(written, "tools"))
    except NotConverted:
        lines = [line for line in written.splitlines() if line.strip()]
        return tools_of([value_in(line, "tools") for line in lines])


def _within(tags: re.Pattern[str], system: str) -> str:
    """What stands between the tags; the text itself speaks of them first, with nothing between."""
    return next((match[1] for match in tags.finditer(system) if match[1]), "")


def _json_answer(written: str, before: Sequence[Turn], chat: Sequence[Turn]) -> dict[str, Any]:
    schema = value_in(written, "schema")
    at = next((at for at, turn in enumerate(chat) if turn.role == "assistant"), None)
    if not at:
        raise NotConverted("nobody asks before its wanted answer" if at == 0 else "nobody answers in it")
    answer = chat[at].text
    wanted = json_of(answer, "its answer is")
    messages = [{"role": turn.role, "content": turn.text} for turn in (*before, *chat[:at])]
    check = {"equals": wanted, "schema": schema}
    return {"kind": "json", "messages": messages, "check": check, "reference": answer}


HERMES = Converter("Hermes function-calling rows (conversations, tools)", _items, fields=("conversations",))
