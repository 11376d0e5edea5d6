"""Reads JSON that people wrote by hand or made: what could be meant in two ways, or is lost on the way, is refused."""

import json
from collections.abc import Sequence
from decimal import Decimal
from math import isfinite
from typing import Any, NoReturn


class Unclear(ValueError):
    """A JSON text whose value cannot be kept as it is meant; says why."""


def read_strictly(text: str, *, digits: bool = True) -> Any:
    """``json.loads``, without the last of two equal keys and, with ``digits``, without more of them than a float holds.

    Raises:
        Unclear: a key that an object has twice, such a number, NaN or infinity.
        ValueError, RecursionError: as ``json.loads``.
    """
    return json.loads(text, object_pairs_hook=_unique, parse_float=_kept if digits else None, parse_constant=_no_number)


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise Unclear(f"an object has the key {next(key for key in keys if keys.count(key) > 1)!r} twice")
    return found


def _kept(text: str) -> float:
    """IEEE 754 doubles hold some 17 digits; ``0.1`` is one, since it is the shortest text of its double."""
    number = float(text)
    if not isfinite(number):
        _no_number(text)
    try:
        same = Decimal(repr(number)) == Decimal(text)
    except ArithmeticError:  # an exponent beyond all use
        same = False
    if not same:
        raise Unclear(f"the number {text[:40]} would be read as {number!r}: write it so, or give its digits as a text")
    return number


def _no_number(name: str) -> NoReturn:
    raise Unclear(f"{name[:40]}: NaN, infinity or a number beyond 1.8e308, which JSON does not have")
