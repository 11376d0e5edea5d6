"""Rule ``bfcl-ast``: agrees with the AST checker of the Berkeley Function-Calling Leaderboard (Patil et al., 2025), as
``bfcl-eval`` 2026.3.23 has it for Python, its quirks included. A call at which that checker crashes is a failure.

It is laxer than people expect: texts are compared without spaces, ``,./-_*^`` and case, values inside objects without
their types. Tasks of your own are decided by rule ``exact``.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from suture.core.measure.tools import Tool
from suture.suites.kinds.tool_calls.calls import Call

_DROPPED = re.compile(r"[ ,./\-_*^]")
_PYTHON: Mapping[str, type] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "array": list,
    "object": dict,
}


def compare(wanted: Sequence[Mapping[str, Any]], made: Sequence[Call], tools: Mapping[str, Tool]) -> str | None:
    """How the calls differ, for people; None where they pass. Wanted calls take made ones greedily, in their order."""
    if len(made) != len(wanted):
        return f"{len(made)} calls, not {len(wanted)}"
    left = list(made)
    for call in wanted:
        ((name, possible),) = call.items()
        said = [_difference(tools[name], made_call, cast("Mapping[str, Any]", possible)) for made_call in left]
        if None not in said:
            return str(said[0]) if len(wanted) == 1 else f"no call is the wanted {name}"
        del left[said.index(None)]
    return None


def plain(value: Any) -> Any:
    """JSON values as Python's own reader gives them: the rule tells 5 from 5.0."""
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        return int(value) if exponent == 0 else float(value)
    if isinstance(value, list):
        return [plain(member) for member in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in cast("dict[str, Any]", value).items()}
    return value


def _difference(tool: Tool, call: Call, possible: Mapping[str, Any]) -> str | None:
    if call.name != tool.name:
        return f"calls {call.name!r}, not {tool.name!r}"
    for name in tool.required:
        if name not in call.arguments:
            return f"{tool.name} lacks the required {name!r}"
    for name, value in call.arguments.items():
        if name not in tool.properties or name not in possible:
            return f"{tool.name} is given {name!r}, which is not wanted"
        if not _passes(plain(value), possible[name], tool.properties[name]):
            return f"{tool.name} is given another {name!r}"
    for name, options in possible.items():
        if name not in call.arguments and "" not in options:
            return f"{tool.name} lacks {name!r}"
    return None


def _passes(value: Any, options: list[Any], declared: Mapping[str, Any]) -> bool:
    expected = _type_of(declared)
    nested = _type_of(declared.get("items") or {}) if expected is list else None
    if expected is float and type(value) is int:
        value = float(value)
    meant = _first_type(options)
    if type(value) is expected:
        if nested is not None and not _members_fit(value, options, nested):
            return False
        if meant is expected or meant is None:
            return _value_passes(value, options, expected, nested)
        return value in options  # a "variable": the official data holds another type than the schema
    return meant is not None and type(value) is meant and value in options


def _value_passes(value: Any, options: list[Any], expected: type, nested: type | None) -> bool:
    if expected is dict:
        return _object_passes(value, options)
    if nested is dict:
        return _objects_pass(value, options)
    if expected is str:
        return _standard(value) in [_standard(option) for option in options if isinstance(option, str)]
    if expected is list:
        return [_standard(member) for member in value] in [[_standard(member) for member in each] for each in options]
    return value in options


def _type_of(declared: Mapping[str, Any]) -> type:
    """Of a schema without type, which the official data call ``any``: text."""
    return _PYTHON.get(declared.get("type", "string"), str)


def _first_type(values: Sequence[object]) -> type[object] | None:
    """Of the first value that is more than the mark of what may be left out."""
    return next((value.__class__ for value in values if value != ""), None)


def _members_fit(value: list[Any], options: list[Any], nested: type) -> bool:
    """Whether the members have the types of the schema or of one option; an option that is no list lets all through."""
    for option in options:
        if not isinstance(option, list):
            return True
        meant = _first_type(cast("list[Any]", option))
        if all(type(member) is nested or (meant is not None and type(member) is meant) for member in value):
            return True
    return False


def _object_passes(value: dict[str, Any], options: list[Any]) -> bool:
    return any(isinstance(option, dict) and _keys_pass(value, cast("dict[str, Any]", option)) for option in options)


def _keys_pass(value: dict[str, Any], option: dict[str, Any]) -> bool:
    for key, inner in value.items():
        if key not in option or _standard(inner) not in [_standard(each) for each in option[key]]:
            return False
    return all(key in value or "" in each for key, each in option.items())


def _objects_pass(value: list[Any], options: list[Any]) -> bool:
    for option in options:
        if len(value) == len(option) and all(
            isinstance(here, dict) and isinstance(there, dict) and _keys_pass(here, there)  # pyright: ignore[reportUnknownArgumentType]
            for here, there in zip(value, option, strict=True)
        ):
            return True
    return False


def _standard(value: Any) -> Any:
    return _DROPPED.sub("", value).lower().replace("'", '"') if isinstance(value, str) else value
