"""Rule ``exact``: wanted and made calls are equal as JSON values, in any order; objects are closed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from suture.core.measure.tools import Tool
from suture.suites.kinds.json_values import Equality, matches_all, read_value
from suture.suites.kinds.tool_calls.calls import Call

_EQUAL = Equality()
_LEFT_OUT = ""
"""Among allowed values: the parameter may be left out."""


@dataclass(frozen=True)
class Slot:
    """What one parameter, or one key of an object, may be.

    Attributes:
        options: allowed values; an object holds slots again where it was written with allowed values.
        optional: it may be left out.
    """

    options: tuple[Any, ...]
    optional: bool = False

    def takes(self, value: Any) -> bool:
        return any(_takes(option, value) for option in self.options)


@dataclass(frozen=True)
class _Slots:
    """An object written with allowed values for each of its keys."""

    of: Mapping[str, Slot]


@dataclass(frozen=True)
class WantedCall:
    name: str
    slots: Mapping[str, Slot]

    def difference(self, call: Call, tool: Tool) -> str | None:
        """Where a made call first differs, for people; None where it is the wanted one.

        Leaving a parameter out and giving its declared default are the same call.
        """
        if call.name != self.name:
            return f"calls {call.name!r}, not {self.name!r}"
        for name, value in call.arguments.items():
            slot = self.slots.get(name)
            if slot is None and not _is_default(tool, name, value):
                return f"{self.name} is given {name!r}, which is not wanted"
            if slot is not None and not slot.takes(value):
                return f"{self.name} is given another {name!r}"
        for name, slot in self.slots.items():
            if name in call.arguments:
                continue
            by_default = any(_is_default(tool, name, option) for option in slot.options)
            if name in tool.required or not (slot.optional or by_default):
                return f"{self.name} lacks {name!r}"
        return None


def wanted_calls(calls_text: str, optional: Sequence[str]) -> tuple[WantedCall, ...]:
    """Read ``ToolCallsCheck.calls_text``."""
    return tuple(_wanted(call, optional) for call in read_value(calls_text))


def compare(wanted: Sequence[WantedCall], made: Sequence[Call], tools: Mapping[str, Tool]) -> str | None:
    """How the calls differ, for people; None where each wanted call is made once and nothing else is."""
    if len(made) != len(wanted):
        return f"{len(made)} calls, not {len(wanted)}"
    if len(wanted) == 1:
        return wanted[0].difference(made[0], tools[wanted[0].name])

    def fits(i: int, j: int) -> bool:
        return wanted[i].difference(made[j], tools[wanted[i].name]) is None

    if matches_all([f"wanted {i}" for i in range(len(wanted))], [f"made {j}" for j in range(len(made))], fits):
        return None
    amiss = next((i for i in range(len(wanted)) if not any(fits(i, j) for j in range(len(made)))), None)
    return "two wanted calls are met by one alone" if amiss is None else f"no call is the wanted {wanted[amiss].name}"


def _wanted(call: Mapping[str, Any], optional: Sequence[str]) -> WantedCall:
    if "name" in call:
        arguments = cast("Mapping[str, Any]", call["arguments"])
        return WantedCall(call["name"], {key: Slot((value,), key in optional) for key, value in arguments.items()})
    ((name, parameters),) = call.items()
    return WantedCall(name, {key: _slot(options, optional=key in optional) for key, options in parameters.items()})


def _slot(options: Any, *, optional: bool = False) -> Slot:
    """A value that is no list stands for itself."""
    given = cast("list[Any]", options) if isinstance(options, list) else [options]
    return Slot(tuple(_option(each) for each in given if each != _LEFT_OUT), optional or _LEFT_OUT in given)


def _option(value: Any) -> Any:
    if isinstance(value, dict):
        return _Slots({key: _slot(inner) for key, inner in cast("dict[str, Any]", value).items()})
    if isinstance(value, list):
        return [_option(member) for member in cast("list[Any]", value)]
    return value


def _takes(option: Any, value: Any) -> bool:
    if isinstance(option, _Slots):
        if not isinstance(value, dict):
            return False
        found = cast("dict[str, Any]", value)
        known = all(key in option.of and option.of[key].takes(inner) for key, inner in found.items())
        return known and all(key in found or slot.optional for key, slot in option.of.items())
    if isinstance(option, list) and isinstance(value, list):
        wanted, made = cast("list[Any]", option), cast("list[Any]", value)
        return len(wanted) == len(made) and all(map(_takes, wanted, made))
    return _EQUAL.difference(option, value) is None


def _is_default(tool: Tool, name: str, value: Any) -> bool:
    declared = tool.properties.get(name, {})
    return "default" in declared and _takes(value, _with_decimals(declared["default"]))


def _with_decimals(value: object) -> Any:
    return read_value(json.dumps(value))
