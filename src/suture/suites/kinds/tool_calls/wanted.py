"""Values of wanted calls: where they stand, and the same call with others.

A call is ``{"name": F, "arguments": {P: VALUE}}``, or ``{F: {P: [VALUE, ...]}}`` with every allowed value of each
parameter, at every depth of objects (`core.measure.checks.tool_calls`).
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

Value = int | float | str


class Place(NamedTuple):
    """Attributes:
    value: a number, or a text of at least two characters.
    parameter: of the call that it stands in.
    alone: whether it is all that the parameter gets, and no part of a list or an object.
    """

    value: Value
    parameter: str
    alone: bool


def places(call: Mapping[str, Any]) -> Iterator[Place]:
    """Every value of a call; names of functions, parameters and keys are none."""
    arguments, allowed = _arguments(call)
    for parameter, given in arguments.items():
        for value in cast("list[Any]", given) if allowed else [given]:
            alone = not isinstance(value, list | dict)
            yield from (Place(leaf, parameter, alone) for leaf in leaves(value))


def with_other(call: Mapping[str, Any], other: Mapping[Value, Value]) -> dict[str, Any]:
    """The call with other values. What else was allowed in the place of one that is replaced says the old one in other
    words, so it goes; that the parameter may be left out stays."""
    arguments, allowed = _arguments(call)
    new = {parameter: _replaced(given, other, allowed=allowed) for parameter, given in arguments.items()}
    return {next(iter(call)): new} if allowed else {**call, "arguments": new}


def _arguments(call: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """The arguments, and whether each is a list of what is allowed."""
    return (call["arguments"], False) if "name" in call else (next(iter(call.values())), True)


def leaves(value: Any) -> Iterator[Value]:
    if isinstance(value, dict):
        for inner in cast("dict[str, Any]", value).values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in cast("list[Any]", value):
            yield from leaves(inner)
    elif (isinstance(value, str) and len(value) > 1) or (
        isinstance(value, int | float) and not isinstance(value, bool)
    ):
        yield value


def _replaced(value: Any, other: Mapping[Value, Value], *, allowed: bool) -> Any:
    """Args:
    allowed: whether ``value`` is a list of what is allowed, as each value of an object among those is.
    """
    if allowed:
        options = cast("list[Any]", value)
        new = [_replaced_option(option, other) for option in options]
        changed = [now for before, now in zip(options, new, strict=True) if now != before]
        return [*changed, *([""] if "" in options else [])] if changed else new
    if isinstance(value, dict):
        return {key: _replaced(inner, other, allowed=False) for key, inner in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_replaced(inner, other, allowed=False) for inner in cast("list[Any]", value)]
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return value
    return next((new for old, new in other.items() if type(old) is type(value) and old == value), value)


def _replaced_option(option: Any, other: Mapping[Value, Value]) -> Any:
    if isinstance(option, dict):
        keys = cast("dict[str, Any]", option)
        return {key: _replaced(inner, other, allowed=isinstance(inner, list)) for key, inner in keys.items()}
    return _replaced(option, other, allowed=False)
