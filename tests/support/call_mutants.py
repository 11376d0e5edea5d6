"""Changes one call in the ways in which models go wrong, by class, and as a checker might overlook."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

Calls = list[dict[str, dict[str, Any]]]
"""As the official checker takes them: ``[{NAME: {PARAMETER: VALUE}}]``."""


def mutants(calls: Calls) -> Iterator[tuple[str, Calls]]:
    """Every mutant of every class, in a fixed order."""
    yield "the reference", calls
    yield "no call", []
    for at, call in enumerate(calls):
        ((name, arguments),) = call.items()
        yield "a call missing", calls[:at] + calls[at + 1 :]
        yield "a call repeated", [*calls, call]
        yield "another name", _with(calls, at, {f"{name}x": arguments})
        yield "an unknown parameter", _with(calls, at, {name: {**arguments, "surplus": 1}})
        for parameter, value in arguments.items():
            rest = {key: inner for key, inner in arguments.items() if key != parameter}
            yield "a parameter missing", _with(calls, at, {name: rest})
            for kind, changed in _changed(value):
                yield kind, _with(calls, at, {name: {**arguments, parameter: changed}})
    if len(calls) > 1:
        yield "another order", calls[::-1]


def _with(calls: Calls, at: int, call: dict[str, dict[str, Any]]) -> Calls:
    return [*copy.deepcopy(calls[:at]), copy.deepcopy(call), *copy.deepcopy(calls[at + 1 :])]


def _changed(value: Any) -> Iterator[tuple[str, Any]]:
    yield "null", None
    yield "an empty text", ""
    yield "an empty list", []
    yield "in a list", [value]
    if isinstance(value, bool):
        yield "the other truth value", not value
        yield "a number for a truth value", int(value)
    elif isinstance(value, int):
        yield from [("a number as text", str(value)), ("a whole number as a fraction", float(value))]
        yield from [("another number", value + 1), ("a truth value for a number", bool(value))]
    elif isinstance(value, float):
        yield from [("a number as text", str(value)), ("another number", value + 0.5)]
        if value.is_integer():
            yield "a fraction as a whole number", int(value)
    elif isinstance(value, str):
        yield from _texts(value)
    elif isinstance(value, list):
        yield from _lists(value)
    elif isinstance(value, dict):
        yield from _objects(value)


def _texts(value: str) -> Iterator[tuple[str, Any]]:
    changes: dict[str, Callable[[str], str]] = {
        "a sign before a text": lambda text: f"-{text}",
        "upper case": str.upper,
        "without marks": lambda text: "".join(letter for letter in text if letter not in " ,./-_*^"),
        "a slash for a hyphen": lambda text: text.replace("-", "/"),
        "double quotes": lambda text: text.replace("'", '"'),
        "another text": lambda text: f"{text}q",
    }
    yield from ((kind, change(value)) for kind, change in changes.items())


def _lists(value: list[Any]) -> Iterator[tuple[str, Any]]:
    yield "a list reversed", value[::-1]
    yield "a member missing", value[:-1]
    yield "a member repeated", [*value, *value[-1:]]
    yield "members as texts", [str(member) for member in value]
    yield "members as fractions", [float(m) if isinstance(m, int) else m for m in value]
    if value:
        yield from ((f"in a list: {kind}", [changed, *value[1:]]) for kind, changed in _changed(value[0]))


def _objects(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "an unknown key", {**value, "surplus": 1}
    for key, inner in value.items():
        yield "a key missing", {other: kept for other, kept in value.items() if other != key}
        yield from ((f"in an object: {kind}", {**value, key: changed}) for kind, changed in _changed(inner))
