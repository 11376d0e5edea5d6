"""ToolACE's rows: the functions as JSON in the text of ``system``, and calls as ``[Name of it(a=1, b="x")]``."""

import json
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from suture.core.json_types import is_list, is_object
from suture.suites.convert.conversations import Turn, beside_tools, calls_in, chat_of, task_of, turns_of
from suture.suites.convert.converter import Choices, Converter, Item, Made, NotConverted, items_of_file
from suture.suites.convert.tool_definitions import tools_of
from suture.suites.kinds.tool_calls.calls import NoCalls
from suture.suites.kinds.tool_calls.python_calls import read_python_calls


def _items(path: Path, _: Choices) -> Iterator[Item]:
    return items_of_file(path, _row)


def _row(row: dict[str, Any], number: str) -> Made:
    system: str = row["system"]
    tools, listed = _tools(system)
    offered = [tool["name"] for tool in tools]
    chat = chat_of(turns_of(row), lambda role, text: _turn(role, text, offered))
    said = {"id": str(row.get("id") or number), "licence": "Apache-2.0"}
    return task_of([*beside_tools(system, listed), *chat], tools, said)


def _tools(system: str) -> tuple[list[dict[str, Any]], str]:
    """The functions, and the part of the text that lists them: its first JSON list of objects.

    Raises:
        NotConverted: no such list.
    """
    start = system.find("[{")
    if start < 0:
        raise NotConverted("its system text lists no functions")
    try:
        value, length = json.JSONDecoder().raw_decode(system[start:])
    except (ValueError, RecursionError):
        raise NotConverted("the functions in its system text are no JSON") from None
    return tools_of(value), system[start : start + length]


def _turn(role: str, text: str, offered: Collection[str]) -> Turn:
    if role == "call":
        return Turn("assistant", "", calls_in(text))
    answer = text.strip()
    if role != "assistant" or not (answer.startswith("[") and answer.endswith("]") and "(" in answer):
        return Turn(role, text)
    return Turn(role, text, bracketed_calls(answer[1:-1], offered))


def bracketed_calls(text: str, offered: Collection[str]) -> list[dict[str, Any]]:
    """Calls separated by commas. Names may hold anything, such as blanks and brackets, and so may names of parameters.

    Raises:
        NotConverted: something else, or a value that is no literal.
    """
    calls: list[dict[str, Any]] = []
    rest = text.strip()
    while rest:
        known = (name for name in offered if rest.startswith(f"{name}("))
        name = max(known, key=len, default="") or rest.partition("(")[0].strip()
        inner, closed, rest = _to_its_bracket(rest[rest.find("(", len(name)) + 1 :])
        if not closed or not name:
            raise NotConverted("a call of its answer cannot be read")
        calls.append({"name": name, "arguments": _arguments(inner)})
        if rest.strip() and not rest.lstrip().startswith(","):
            raise NotConverted("something stands between the calls of its answer")
        rest = rest.lstrip().removeprefix(",").strip()
    return calls


def _arguments(text: str) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for part in _at_commas(text):
        name, equals, value = part.partition("=")
        name = name.strip()
        if not equals or not name or name in arguments:
            raise NotConverted("an argument of a call has no name, or the same as another")
        try:
            (call,) = read_python_calls(f"f(a={value.strip()})")
            arguments[name] = _plain(call.arguments["a"])
        except (NoCalls, ValueError, KeyError):
            raise NotConverted(f"the argument {name!r} of a call is no literal") from None
    return arguments


def _plain(value: Any) -> Any:
    """With JSON's numbers for decimals."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and "." not in str(value) else float(value)
    if is_list(value):
        return [_plain(inner) for inner in value]
    return {key: _plain(inner) for key, inner in value.items()} if is_object(value) else value


def _at_commas(text: str) -> list[str]:
    """Its parts, at commas outside of brackets and texts."""
    parts: list[str] = []
    start = 0
    for at, letter, depth in _outside_texts(text):
        if letter == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    parts.append(text[start:])
    return [part for part in parts if part.strip()]


def _to_its_bracket(text: str) -> tuple[str, bool, str]:
    """What stands before the round bracket that closes, whether there is one, and what follows it."""
    for at, letter, depth in _outside_texts(text):
        if letter == ")" and depth < 0:
            return text[:at], True, text[at + 1 :]
    return text, False, ""


def _outside_texts(text: str) -> Iterator[tuple[int, str, int]]:
    """Each character that is in no quoted text, and how deep in brackets it is."""
    depth, quote, escaped = 0, "", False
    for at, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote and not escaped else quote
            escaped = letter == "\\" and not escaped
            continue
        if letter in "\"'":
            quote, escaped = letter, False
            continue
        depth += (letter in "([{") - (letter in ")]}")
        yield at, letter, depth


def _knows(row: Mapping[str, Any]) -> bool:
    return "[{" in str(row["system"])


TOOLACE = Converter(
    "ToolACE's rows (system, conversations), calls as [F(a=1)]",
    _items,
    fields=("system", "conversations"),
    knows=_knows,
)
