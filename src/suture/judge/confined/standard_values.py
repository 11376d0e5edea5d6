"""Value types of the standard library as tagged JSON, both ways: decimals, fractions, dates, times and time zones.

They compare equal to plain numbers or to each other, so tests take them for data. Nothing is imported
to encode: a value whose module was never imported cannot be there.
"""

import sys
from collections.abc import Callable, Sequence
from typing import Any

from .builtin_names import NAMES, by_name


class CodecError(ValueError):
    """What was received is not a value in this format."""


def encode_standard(kind: Any, value: Any) -> dict[str, Any] | None:
    """The value under its tag, or None when it is of no type that is known here. ``kind`` is its exact type."""
    if id(value) in NAMES:
        return {"y": NAMES[id(value)]}
    decimal, fractions, dates, zones = map(sys.modules.get, ("decimal", "fractions", "datetime", "zoneinfo"))
    if decimal is not None and kind is decimal.Decimal:
        return {"D": str(value)}
    if fractions is not None and kind is fractions.Fraction:
        return {"F": [hex(value.numerator), hex(value.denominator)]}
    if dates is not None and kind in (dates.date, dates.time, dates.datetime, dates.timedelta, dates.timezone):
        return {"T": [kind.__name__, *_FIELDS[kind.__name__](value)]}
    if zones is not None and kind is zones.ZoneInfo and value.key is not None:
        return {"T": ["ZoneInfo", value.key]}
    return None


def _clock(value: Any) -> list[Any]:
    """Hour to microsecond, which side of a repeated hour, and the time zone."""
    return [value.hour, value.minute, value.second, value.microsecond, value.fold, _zone(value)]


def _zone(value: Any) -> dict[str, Any] | None:
    """A zone of a program's own class becomes the offset it gives at that moment."""
    zone = value.tzinfo
    if zone is None:
        return None
    known = encode_standard(type(zone), zone)
    if known is not None:
        return known
    offset, name = value.utcoffset(), value.tzname()
    return None if offset is None else {"T": ["timezone", offset.days, offset.seconds, offset.microseconds, name]}


def _offset(zone: Any) -> list[Any]:
    offset, *name = zone.__getinitargs__()
    return [offset.days, offset.seconds, offset.microseconds, *name]


_FIELDS: dict[str, Callable[[Any], list[Any]]] = {
    "date": lambda value: [value.year, value.month, value.day],
    "time": _clock,
    "datetime": lambda value: [value.year, value.month, value.day, *_clock(value)],
    "timedelta": lambda value: [value.days, value.seconds, value.microseconds],
    "timezone": _offset,
}


def read_named(wire: Any) -> Any:
    return by_name(text(wire))


def read_decimal(wire: Any) -> Any:
    from decimal import Decimal

    return Decimal(text(wire))


def read_fraction(wire: Any) -> Any:
    from fractions import Fraction

    return Fraction(int(text(wire[0]), 16), int(text(wire[1]), 16))


def read_time(wire: Any) -> Any:
    import datetime

    name, *fields = wire
    if name == "date":
        return datetime.date(*fields)
    if name == "timedelta":
        return datetime.timedelta(*_whole(fields))
    if name == "timezone":
        return datetime.timezone(datetime.timedelta(*_whole(fields[:3])), *fields[3:])
    if name == "ZoneInfo":
        return _read_zone(*fields)
    if name not in ("time", "datetime"):
        raise CodecError("unknown time type")
    *numbers, fold, zone = fields
    zone = None if zone is None else read_time(zone["T"])
    return getattr(datetime, name)(*numbers, tzinfo=zone, fold=fold)


def _read_zone(key: Any) -> Any:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(text(key))
    except OSError as error:
        raise CodecError("a time zone that cannot be read") from error


def _whole(numbers: Sequence[Any]) -> Sequence[Any]:
    if any(type(number) is not int for number in numbers):
        raise CodecError("not whole numbers")
    return numbers


def text(wire: Any) -> str:
    if type(wire) is not str:
        raise CodecError("not text")
    return wire
