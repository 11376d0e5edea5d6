"""Reads the calls that an answer makes, in the forms that models write. Nothing of the answer is ever evaluated."""

import re
from collections.abc import Collection
from typing import Any, cast

from suture.suites.kinds.fences import single_block
from suture.suites.kinds.json_values import NotJson, read_value
from suture.suites.kinds.thoughts import after_thoughts
from suture.suites.kinds.tool_calls.calls import Call, NoCalls
from suture.suites.kinds.tool_calls.python_calls import read_python_calls

_TAG = re.compile(r"<tool_call>(.*?)</tool_call>", re.DOTALL)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[ \t]*([\w+-]*)[ \t]*\r?$", re.MULTILINE)
_MARKERS = ("<tool_call", "<|tool_call", "[tool_calls]", "<function", "<start_function_call", "<|python_tag|>")
_AROUND = {"id", "type", "index"}
"""What servers put beside a call."""


def read_calls(text: str, offered: Collection[str]) -> list[Call]:
    """The calls of an answer: in ``<tool_call>`` tags, in its single fenced block, or as the whole answer.

    Args:
        text: the answer, whether or not the prompt has opened a fence for it.
        offered: names of the tools, for the form ``{TOOL: {ARGUMENTS}}``.

    Raises:
        NoCalls: the answer is in none of the forms; an empty list of calls is one.
    """
    answer = after_thoughts(text)
    if answer is None:
        raise NoCalls("only reasoning")
    if "<tool_call>" in answer:
        return _tagged(answer, offered)
    block = single_block(text, opened=is_opened(answer))
    if block is None:
        raise NoCalls("several blocks")
    return _of_text(block.removeprefix("\ufeff").strip(), offered)


def attempts_a_call(text: str, offered: Collection[str]) -> bool:
    """Whether an answer at least begins to call something: a marker of calls, or an offered tool's name where a call
    has it. A model that writes broken calls does not refrain."""
    try:
        if read_calls(text, offered):
            return True
    except NoCalls:
        pass
    lowered = text.lower()
    if any(marker in lowered for marker in _MARKERS):
        return True
    for name in offered:
        escaped = re.escape(name)
        named = rf'"(?:name|function)"\s*:\s*"{escaped}"' rf'|"{escaped}"\s*:\s*[{{\[]' rf"|(?<![\w.]){escaped}\s*\("
        if re.search(named, text):
            return True
    return False


def is_opened(answer: str) -> bool:
    """Whether a text starts inside a fence that its prompt has opened: then one fence alone closes it."""
    fences = list(_FENCE.finditer(answer))
    if len(fences) % 2 == 0:
        return False
    return not fences[0][1] and bool(answer[: fences[0].start()].strip())


def _tagged(answer: str, offered: Collection[str]) -> list[Call]:
    if len(_TAG.findall(answer)) != answer.count("<tool_call>") or "<tool_call>" in "".join(_TAG.findall(answer)):
        raise NoCalls("a <tool_call> is not closed")
    return [call for inner in _TAG.findall(answer) for call in _of_text(inner.strip(), offered)]


def _of_text(text: str, offered: Collection[str]) -> list[Call]:
    if not text:
        raise NoCalls("an empty answer")
    if text[0] in "[{":
        try:
            value = read_value(text)
        except NotJson as error:
            if text[0] == "{":
                raise NoCalls(f"no JSON: {error}") from None
        else:
            return _of_value(value, offered)
    return read_python_calls(text)


def _of_value(value: Any, offered: Collection[str]) -> list[Call]:
    if isinstance(value, dict) and cast("dict[str, Any]", value).keys() == {"tool_calls"}:
        value = cast("dict[str, Any]", value)["tool_calls"]
    if isinstance(value, dict):
        return [_of_object(cast("dict[str, Any]", value), offered)]
    if not isinstance(value, list):
        raise NoCalls("neither a call nor a list of calls")
    return [_of_object(member, offered) for member in cast("list[Any]", value)]


def _of_object(value: Any, offered: Collection[str]) -> Call:
    """``name`` with ``arguments`` or ``parameters``, OpenAI's ``function``, or the tool's name as the only key."""
    if not isinstance(value, dict):
        raise NoCalls("a member of the list is no call")
    whole = cast("dict[str, Any]", value)
    fields = {key: inner for key, inner in whole.items() if key not in _AROUND}
    if fields.keys() == {"function"} and isinstance(fields["function"], dict):
        fields = cast("dict[str, Any]", fields["function"])
    name = fields.get("name")
    if isinstance(name, str) and fields.keys() in ({"name", "arguments"}, {"name", "parameters"}):
        return Call(name, _arguments(fields.get("arguments", fields.get("parameters"))))
    if len(whole) == 1 and (only := next(iter(whole))) in offered:
        return Call(only, _arguments(whole[only]))
    raise NoCalls("an object is no call")


def _arguments(value: Any) -> dict[str, Any]:
    """An object, or a JSON text of one, as OpenAI's servers write it."""
    if isinstance(value, str):
        try:
            value = read_value(value)
        except NotJson as error:
            raise NoCalls(f"arguments are no JSON: {error}") from None
    if not isinstance(value, dict):
        raise NoCalls("arguments are no object")
    return cast("dict[str, Any]", value)
