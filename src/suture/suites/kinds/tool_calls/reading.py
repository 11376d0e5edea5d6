"""Reads the calls that an answer makes, in the forms that models write. Nothing of the answer is ever evaluated."""

import re
from collections.abc import Collection
from typing import Any

from suture.core.json_types import is_list, is_object
from suture.suites.kinds.fences import is_opened, single_block
from suture.suites.kinds.json_values import NotJson, read_value
from suture.suites.kinds.thoughts import after_thoughts
from suture.suites.kinds.tool_calls.calls import Call, NoCalls
from suture.suites.kinds.tool_calls.python_calls import read_python_calls

_MARKERS = ("<tool_call", "<|tool_call", "[tool_calls]", "<function", "<start_function_call", "<|python_tag|>")
_TAGS = (("<tool_call>", "</tool_call>"), ("<|tool_call_start|>", "<|tool_call_end|>"))
_BEFORE = "[TOOL_CALLS]"
"""What Mistral's models put before their list."""
_KEYS = "name|function|tool|tool_name|function_name|action"
"""That stand before a tool's name in what is meant as a call."""
_AROUND = {"id", "type", "index"}
"""What servers put beside a call."""


def read_calls(text: str, offered: Collection[str]) -> list[Call]:
    """The calls of an answer: in tags, in its single fenced block, or as the whole answer.

    Args:
        text: the answer, whether or not the prompt has opened a fence for it.
        offered: names of the tools, for the form ``{TOOL: {ARGUMENTS}}``.

    Raises:
        NoCalls: the answer is in none of the forms; an empty list of calls is one.
    """
    text = text.removeprefix("\ufeff")
    answer = after_thoughts(text)
    if answer is None:
        raise NoCalls("only reasoning")
    for opening, closing in _TAGS:
        if opening in answer and not _is_json(answer):  # where a tag stands in a text of an argument
            return [call for text in tagged(answer, opening, closing) for call in _of_text(text, offered)]
    if answer.lstrip().startswith(_BEFORE):
        return _of_text(answer.strip().removeprefix(_BEFORE).strip(), offered)
    block = single_block(text, opened=is_opened(answer))
    if block is None:
        raise NoCalls("several blocks")
    return _of_text(block.removeprefix("\ufeff").strip(), offered)


def attempts_a_call(text: str, offered: Collection[str]) -> bool:
    """Tell whether an answer at least begins to call something: a marker of calls, or an offered tool's name where a
    call has it. A model that writes broken calls does not refrain; one that thinks of a call may."""
    try:
        if read_calls(text, offered):
            return True
    except NoCalls:
        pass
    answer = after_thoughts(text) or ""
    lowered = answer.lower()
    if any(marker in lowered for marker in _MARKERS):
        return True
    for name in offered:
        escaped = re.escape(name)
        named = (
            rf"""["'](?:{_KEYS})["']\s*:\s*["']{escaped}["']|["']{escaped}["']\s*:\s*[{{\[]"""
            rf"|(?<![\w.]){escaped}\s*\(|^\W*{escaped}\W*$"
        )
        if re.search(named, answer):
            return True
    return False


def is_broken_data(text: str, offered: Collection[str]) -> bool:
    """Tell whether an answer begins as data or code and is no list of calls: it neither calls nor refrains."""
    try:
        read_calls(text, offered)
    except NoCalls:
        answer = after_thoughts(text)
        return answer is not None and answer.lstrip().startswith(("{", "[", "```"))
    return False


def tagged(answer: str, opening: str = "<tool_call>", closing: str = "</tool_call>") -> list[str]:
    """Return what stands between tags. Raises NoCalls: a tag is not closed."""
    parts = [part.partition(closing) for part in answer.split(opening)[1:]]
    if not all(close for _, close, _ in parts):
        raise NoCalls(f"a {opening} is not closed")
    return [text.strip() for text, _, _ in parts]


def _is_json(answer: str) -> bool:
    if answer.lstrip()[:1] not in ("[", "{"):
        return False
    try:
        read_value(answer)
    except NotJson:
        return False
    return True


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
    if is_object(value) and value.keys() == {"tool_calls"}:
        value = value["tool_calls"]
    if is_object(value):
        return [_of_object(value, offered)]
    if not is_list(value):
        raise NoCalls("neither a call nor a list of calls")
    return [_of_object(member, offered) for member in value]


def _of_object(value: Any, offered: Collection[str]) -> Call:
    """``name`` with ``arguments`` or ``parameters``, OpenAI's ``function``, or the tool's name as the only key."""
    if not is_object(value):
        raise NoCalls("a member of the list is no call")
    fields = {key: inner for key, inner in value.items() if key not in _AROUND}
    if fields.keys() == {"function"} and is_object(fields["function"]):
        fields = fields["function"]
    name = fields.get("name")
    if isinstance(name, str) and fields.keys() in ({"name", "arguments"}, {"name", "parameters"}):
        return Call(name, _arguments(fields.get("arguments", fields.get("parameters"))))
    if len(value) == 1 and (only := next(iter(value))) in offered:
        return Call(only, _arguments(value[only]))
    raise NoCalls("an object is no call")


def _arguments(value: Any) -> dict[str, Any]:
    """An object, or a JSON text of one, as OpenAI's servers write it."""
    if isinstance(value, str):
        try:
            value = read_value(value)
        except NotJson as error:
            raise NoCalls(f"arguments are no JSON: {error}") from None
    if not is_object(value):
        raise NoCalls("arguments are no object")
    return value
