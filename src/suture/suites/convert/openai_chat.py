"""OpenAI's chat fine-tuning format: ``messages`` and ``tools``; the last assistant turn is the wanted answer."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from suture.core.json_types import is_object
from suture.suites.convert.answers import text_check
from suture.suites.convert.converter import (
    Choices,
    Converter,
    Item,
    Made,
    NotConverted,
    as_list,
    as_object,
    items_of_file,
    json_of,
)
from suture.suites.convert.tool_definitions import tools_of

_ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant", "tool": "tool"}


def _items(path: Path, choices: Choices) -> Iterator[Item]:
    return items_of_file(path, lambda row, number: _row(row, number, choices.as_kind))


def _row(row: dict[str, Any], number: str, as_kind: str | None) -> Made:
    turns: list[dict[str, Any]] = row["messages"]
    if not turns or turns[-1].get("role") != "assistant":
        raise NotConverted("its last turn is not the assistant's")
    answer, before = turns[-1], turns[:-1]
    if answer.get("weight") == 0:
        raise NotConverted("its last answer has weight 0: it is no target")
    tools = tools_of(row.get("tools") or row.get("functions"))
    said: dict[str, Any] = {"id": str(row.get("id") or number), "messages": _messages(before)}
    if not said["messages"] or said["messages"][-1]["role"] not in ("user", "tool"):
        raise NotConverted("nobody asks before its last answer")
    if tools:
        said["tools"] = tools
    calls = calls_of(answer)
    if calls:
        if not tools:
            raise NotConverted("it calls, and no tools are given")
        more = sum(1 for turn in before if turn["role"] == "assistant" and turn.get("weight") != 0 and calls_of(turn))
        decided = {"kind": "tool-calls", "check": {"calls": calls}, "reference": json.dumps(calls, ensure_ascii=False)}
        return Made(said | decided, more)
    text = text_of(answer.get("content"))
    if not text.strip():
        raise NotConverted("its last answer is empty")
    if tools and said["messages"][-1]["role"] == "user" and as_kind is None:
        return Made(said | {"kind": "tool-calls", "check": {"calls": []}, "reference": text})
    if as_kind is None:
        raise NotConverted("its answer is free text: say how to compare it with --as")
    return Made(said | text_check(text, as_kind))


def calls_of(turn: dict[str, Any]) -> list[dict[str, Any]]:
    """The calls of an assistant's turn, new form or old, their arguments as objects.

    Raises:
        NotConverted: arguments that are no JSON object.
    """
    functions = [call["function"] for call in turn.get("tool_calls") or ()]
    if turn.get("function_call"):
        functions.append(turn["function_call"])
    return [{"name": function["name"], "arguments": _arguments(function)} for function in functions]


def _arguments(function: dict[str, Any]) -> dict[str, Any]:
    """Some files, OpenAI's own example among them, have arguments that were written as JSON twice."""
    arguments: Any = function.get("arguments")
    for _ in range(2):
        if isinstance(arguments, str):
            arguments = json_of(arguments or "{}", f"the arguments of {function['name']} are")
    if not is_object(arguments):
        raise NotConverted(f"the arguments of {function['name']} are no object")
    return arguments


def text_of(content: object) -> str:
    """A turn's content: a text, or a list of parts that are texts.

    Raises:
        NotConverted: a part that is no text, such as a picture.
    """
    if content is None or isinstance(content, str):
        return content or ""
    parts = [as_object(part) for part in as_list(content)]
    if any(part.get("type") not in ("text", "input_text") or not isinstance(part.get("text"), str) for part in parts):
        raise NotConverted("a turn has content that is no text")
    return "".join(str(part["text"]) for part in parts)


def _messages(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names: dict[str, str] = {}
    messages: list[dict[str, Any]] = []
    for turn in turns:
        role = "tool" if turn["role"] == "function" else _ROLES.get(turn["role"])
        if role is None:
            raise NotConverted(f"a turn has the role {turn['role']!r}")
        message: dict[str, Any] = {"role": role, "content": text_of(turn.get("content"))}
        for call in turn.get("tool_calls") or ():
            names[str(call.get("id"))] = call["function"]["name"]
        if role == "assistant" and (calls := calls_of(turn)):
            message["tool_calls"] = calls
        if role == "tool":
            message["name"] = str(turn.get("name") or names.get(str(turn.get("tool_call_id")), ""))
        messages.append(message)
    return messages


OPENAI = Converter(
    "OpenAI's chat fine-tuning JSONL, with or without tools", _items, fields=("messages",), takes=("as_kind",)
)
