"""glaive's function-calling rows: two texts, ``system`` with functions in it and ``chat`` with ``<functioncall>``."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from suture.core.json_types import is_object
from suture.suites.convert.conversations import Turn, beside_tools, call_of, chat_of, task_of
from suture.suites.convert.converter import Choices, Converter, Item, Made, NotConverted, items_of_file, json_of
from suture.suites.convert.tool_definitions import tools_of

_SPEAKERS = {"USER": "user", "ASSISTANT": "assistant", "FUNCTION RESPONSE": "tool"}
_SPEAKER = re.compile(rf"(?:^|\s)({'|'.join(_SPEAKERS)}):")
_END = "<|endoftext|>"
_CALL = "<functioncall>"
_QUOTED = re.compile(r"""^\{\s*"name"\s*:\s*(".*?")\s*,\s*"arguments"\s*:\s*'(.*)'\s*\}$""", re.DOTALL)
"""A call whose arguments are a JSON text in single quotes, which is no JSON."""


def _items(path: Path, choices: Choices) -> Iterator[Item]:
    return items_of_file(path, lambda row, number: _row(row, number, choices.as_kind))


def _row(row: dict[str, Any], number: str, as_kind: str | None) -> Made:
    system: str = row["system"].strip().removeprefix("SYSTEM:")
    functions, listed = _functions(system)
    chat = chat_of(_turns(row["chat"]), _turn)
    said = {"id": str(row.get("id") or number), "licence": "Apache-2.0"}
    return task_of([*beside_tools(system, *listed), *chat], tools_of(functions), said, as_kind)


def _functions(system: str) -> tuple[list[dict[str, Any]], list[str]]:
    """The functions that a text defines, one JSON object after another, and the parts that define them.

    Raises:
        NotConverted: what begins as an object is none.
    """
    found: list[dict[str, Any]] = []
    listed: list[str] = []
    at = system.find("{")
    while at >= 0:
        try:
            value, length = json.JSONDecoder().raw_decode(system[at:])
        except (ValueError, RecursionError):
            raise NotConverted("the functions in its system text are no JSON") from None
        if is_object(value):
            found.append(value)
        listed.append(system[at : at + length])
        at = system.find("{", at + length)
    return found, listed


def _turns(chat: str) -> list[tuple[str, str]]:
    parts = _SPEAKER.split(chat)
    if len(parts) < 3 or parts[0].strip():
        raise NotConverted("its chat does not begin with USER: or ASSISTANT:")
    said = (text.replace(_END, "").strip() for text in parts[2::2])
    return [(_SPEAKERS[name], text) for name, text in zip(parts[1::2], said, strict=True)]


def _turn(role: str, text: str) -> Turn:
    if role != "assistant" or _CALL not in text:
        return Turn(role, text)
    calls = [part.replace("</functioncall>", "").strip() for part in text.split(_CALL)[1:]]
    return Turn(role, text, [_call(written) for written in calls])


def _call(written: str) -> dict[str, Any]:
    what = "a call of its answer is"
    if quoted := _QUOTED.match(written):
        arguments = json_of(quoted[2].replace("\\'", "'"), what)
        return call_of({"name": json_of(quoted[1], what), "arguments": arguments})
    call = json_of(written, what)
    if not is_object(call):
        raise NotConverted(f"{what} no JSON object")
    return call_of(call)


GLAIVE = Converter(
    "glaive's rows (system, chat), calls marked functioncall", _items, fields=("system", "chat"), takes=("as_kind",)
)
