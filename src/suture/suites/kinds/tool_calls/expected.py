"""What a check wants, seen before any model answers: calls that would pass it, and why none can."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, cast

from suture.core.measure.checks.tool_calls import ToolCallsCheck
from suture.core.measure.tools import Tool
from suture.suites.kinds.tool_calls.wanted import Value, leaves
from suture.suites.kinds.tool_calls.words import states

_HOLDS: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float | Decimal) and not isinstance(value, bool),
    "integer": lambda value: (
        isinstance(value, int | float | Decimal) and not isinstance(value, bool) and value == int(value)
    ),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}


class _Wanted(NamedTuple):
    """A wanted call with values that would pass.

    Attributes:
        allowed: by parameter; empty for one that may only be left out.
        optional: parameters that the check lets the call leave out.
    """

    name: str
    allowed: Mapping[str, Sequence[Any]]
    optional: frozenset[str]


def why_unusable(check: ToolCallsCheck, tools: Sequence[Tool]) -> str | None:
    """Why no model that obeys the tools' schemas can pass; None where one can."""
    by_name = {tool.name: tool for tool in tools}
    if len(by_name) != len(tools):
        names = [tool.name for tool in tools]
        return f"two tools have the name {next(name for name in names if names.count(name) > 1)!r}"
    for call in _wanted(check):
        if (tool := by_name.get(call.name)) is None:
            return f"it wants a call of {call.name!r}, which is not offered"
        for required in tool.required:
            if not call.allowed.get(required):
                return f"it wants a call of {call.name!r} without the required {required!r}"
        for parameter, values in call.allowed.items():
            if parameter not in tool.properties and tool.parameters.get("additionalProperties") is not True:
                return f"it wants a call of {call.name!r} with {parameter!r}, which the tool does not have"
            declared = tool.properties.get(parameter, {})
            if values and not any(_fits(value, declared) for value in values):
                return f"it wants {parameter!r} of {call.name!r} to be of a type or value that the tool does not take"
    described = {name for call in _wanted(check) for name in (*by_name[call.name].properties, *call.allowed)}
    unknown = next((name for name in check.optional if name not in described), None)
    return None if unknown is None else f"`optional` names {unknown!r}, which is no parameter of a wanted call"


def first_reference(check: ToolCallsCheck, tools: Sequence[Tool], question: str, passes: Callable[[str], bool]) -> str:
    """Calls that pass, as a JSON list; the last that was tried where none passes.

    Each has the first allowed value of what must be given, and of what may be left out the first that the question
    states: a model that is taught to leave out what is asked for learns to. Where these do not pass, then without all
    that may be left out, and then with it.
    """
    wanted = _wanted(check)
    by_name = {tool.name: tool for tool in tools}
    needed = [_needed(call, by_name.get(call.name)) for call in wanted]
    said = [leaf for arguments in needed for value in arguments.values() for leaf in leaves(value)]
    asked = [
        _stated(call, by_name.get(call.name), question, said, given=fixed)
        for call, fixed in zip(wanted, needed, strict=True)
    ]
    everything = [{parameter: values[0] for parameter, values in call.allowed.items() if values} for call in wanted]
    nothing: list[dict[str, Any]] = [{} for _ in wanted]
    text = "[]"
    for more in (asked, nothing, everything):
        calls = [
            {"name": call.name, "arguments": _in_order(call, fixed | added)}
            for call, fixed, added in zip(wanted, needed, more, strict=True)
        ]
        text = json.dumps(calls, ensure_ascii=False)
        if passes(text):
            break
    return text


def _needed(call: _Wanted, tool: Tool | None) -> dict[str, Any]:
    """What may not be left out."""
    required = tool.required if tool else ()
    return {
        parameter: values[0]
        for parameter, values in call.allowed.items()
        if values and (parameter in required or parameter not in call.optional)
    }


def _stated(
    call: _Wanted, tool: Tool | None, question: str, said: Sequence[Value], *, given: Collection[str]
) -> dict[str, Any]:
    """What is not ``given``, where the question states a value of it that the tool takes, beside what is ``said``."""
    found: dict[str, Any] = {}
    for parameter in (one for one in call.allowed if one not in given):
        declared = tool.properties.get(parameter, {}) if tool else {}
        for value in call.allowed[parameter]:
            if _fits(value, declared) and states(question, value, said):
                found[parameter] = value
                break
    return found


def _in_order(call: _Wanted, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """In the order in which the check names parameters."""
    return {parameter: arguments[parameter] for parameter in call.allowed if parameter in arguments}


def _wanted(check: ToolCallsCheck) -> list[_Wanted]:
    found: list[_Wanted] = []
    for call in cast("list[dict[str, Any]]", json.loads(check.calls_text)):
        if "name" in call:
            allowed = {key: [value] for key, value in call["arguments"].items()}
            found.append(_Wanted(call["name"], allowed, frozenset(check.optional)))
            continue
        ((name, parameters),) = call.items()
        optional = {key for key, options in parameters.items() if "" in options} | set(check.optional)
        values = {key: [_value(each) for each in options if each != ""] for key, options in parameters.items()}
        found.append(_Wanted(name, values, frozenset(optional)))
    return found


def _value(option: Any) -> Any:
    """One value of an option: objects are written with the allowed values of their keys."""
    if isinstance(option, dict):
        keys = cast("dict[str, Any]", option)
        chosen = {key: [each for each in _listed(options) if each != ""] for key, options in keys.items()}
        return {key: _value(options[0]) for key, options in chosen.items() if options and "" not in _listed(keys[key])}
    if isinstance(option, list):
        return [_value(member) for member in cast("list[Any]", option)]
    return option


def _listed(options: Any) -> list[Any]:
    return cast("list[Any]", options) if isinstance(options, list) else [options]


def _fits(value: Any, declared: Mapping[str, Any]) -> bool:
    if "enum" in declared and not isinstance(value, dict) and value not in declared["enum"]:
        return False
    return is_of_type(value, declared)


def is_of_type(value: Any, declared: Mapping[str, Any]) -> bool:
    """Whether a value is of the type that a parameter's schema states; any is where it states none."""
    word: Any = declared.get("type")
    words = cast("list[str]", word) if isinstance(word, list) else [word]
    return any(each is None or _HOLDS[each](value) for each in words)
