"""Hermes function-calling rows: ``conversations`` with ``<tool_call>`` blocks, or an answer in JSON by a schema."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from suture.core.json_types import is_list, is_object
from suture.suites.convert.converter import (
    Choices,
    Converter,
    Item,
    NotConverted,
    items_of_file,
)
from suture.suites.kinds.tool_calls.calls import NoCalls
from suture.suites.kinds.tool_calls.reading import tagged

_TOOLS = re.compile(r"<tools>\s*(.*?)\s*</tools>", re.DOTALL)
_SCHEMA = re.compile(r"<schema>\s*(.*?)\s*</schema>", re.DOTALL)
_ROLES = {"system": "system", "human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant"}
_MOST_CHARACTERS = 100_000


def _items(path: Path, _: Choices) -> Iterator[Item]:
    return items_of_file(path, _row)


def _row(row: dict[str, Any], number: str) -> dict[str, Any]:
    """The first answer is the wanted one: what comes after it depends on it."""
    turns: list[dict[str, str]] = row["conversations"]
    first = next((at for at, turn in enumerate(turns) if _ROLES.get(turn["from"]) == "assistant"), None)
    if first is None:
        raise NotConverted("nobody answers in it")
    before, answer = turns[:first], turns[first]["value"]
    if any(turn["from"] not in _ROLES for turn in before) or not any(_ROLES[t["from"]] == "user" for t in before):
        raise NotConverted("nobody asks before its first answer")
    system = "\n".join(turn["value"] for turn in before if turn["from"] == "system")
    tools = _tools(row, system)
    said: dict[str, Any] = {
        "id": str(row.get("id") or number),
        "licence": "Apache-2.0",
        "tags": [str(row[key]) for key in ("category", "subcategory") if row.get(key)],
    }
    if not tools:
        return said | _json_answer(system, before, answer)
    asked = [turn for turn in before if turn["from"] != "system" or "<tools>" not in turn["value"]]
    try:
        calls = [_call(text) for text in tagged(answer)]
    except NoCalls as error:
        raise NotConverted(f"of its answer, {error}") from None
    if not calls and "tool_call" in answer:
        raise NotConverted("of its answer, a <tool_call> is not opened")
    return said | {
        "kind": "tool-calls",
        "messages": _messages(asked),
        "tools": tools,
        "check": {"calls": calls},
        "reference": json.dumps(calls) if calls else answer,
    }


def _tools(row: dict[str, Any], system: str) -> list[Any]:
    written: Any = row.get("tools")
    if not written:
        match = _TOOLS.search(system)
        written = match[1] if match else ""
    if is_list(written):
        return written
    if not written.strip():
        return []
    value: Any = _value(written, "tools")
    return value if is_list(value) else [value]


def _call(text: str) -> dict[str, Any]:
    value = _value(text, "call")
    call = value if is_object(value) else {}
    if "name" not in call or not isinstance(call.get("arguments"), dict):
        raise NotConverted("a call of its answer has no name and arguments")
    return {"name": call["name"], "arguments": call["arguments"]}


def _json_answer(system: str, before: list[dict[str, str]], answer: str) -> dict[str, Any]:
    match = _SCHEMA.search(system)
    if match is None:
        raise NotConverted("it has neither tools nor a schema: its answer is free text")
    schema = _value(match[1], "schema")
    try:
        wanted = json.loads(answer)
    except (ValueError, RecursionError):
        raise NotConverted("its answer is no JSON") from None
    check = {"equals": wanted, "schema": schema}
    return {"kind": "json", "messages": _messages(before), "check": check, "reference": answer}


def _messages(turns: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{"role": _ROLES[turn["from"]], "content": turn["value"]} for turn in turns]


def _value(text: str, name: str) -> Any:
    """JSON, or a literal of Python's: both are in the data.

    Raises:
        NotConverted: neither.
    """
    if len(text) > _MOST_CHARACTERS:
        raise NotConverted(f"its {name} is too long")
    for read in (json.loads, ast.literal_eval):
        try:
            return read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
    raise NotConverted(f"its {name} is neither JSON nor a literal")


HERMES = Converter("Hermes function-calling rows (conversations, tools)", _items)
