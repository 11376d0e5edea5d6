"""Numbers in answers: read exactly, as they are written in English, or not at all. Pure."""

import re
from decimal import Decimal

MOST_LENGTH = 10_000
MOST_EXPONENT = 10_000
_DASHES = "\u2010\u2011\u2012\u2013\u2014\ufe63\uff0d"
"""What people write in place of a minus, and also between two numbers: too unclear to be read as either."""
_NUMBER = re.compile(
    rf"(?P<sign>[-+\u2212{_DASHES}]?)(?P<currency>[$€£¥]?)(?P<inner>[-\u2212]?)(?P<core>\.?[0-9](?:[0-9.,]*[0-9])?)"
    r"(?P<exponent>[eE][-+]?[0-9]+)?(?P<percent> ?%)?"
)
_CORE = re.compile(r"(?:[0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.[0-9]+)?|\.[0-9]+")
_JOINS = "/:'\u2019^-\u2212" + _DASHES
"""Between digits these make one thing of two: a date, a fraction, a range."""


def only_number(text: str, *, percent: bool) -> Decimal | None:
    """The number that the whole of ``text`` is."""
    found = _NUMBER.fullmatch(text)
    return None if found is None else _value(found, percent=percent)


def last_number(text: str, *, percent: bool) -> Decimal | None:
    """The last number. Where what stands there is none (``1,5``, ``3rd``, ``1/2``), the answer is unclear: None."""
    found = None
    for found in _NUMBER.finditer(text):  # noqa: B007 - the last one
        pass
    return None if found is None else _value(found, percent=percent)


def first_number_after(text: str, marker: str, *, percent: bool) -> Decimal | None:
    """The first number after the first ``marker``."""
    at = text.find(marker)
    found = _NUMBER.search(text, at + len(marker)) if at >= 0 else None
    return None if found is None else _value(found, percent=percent)


def _value(found: re.Match[str], *, percent: bool) -> Decimal | None:
    """None for what looks like a number and is none."""
    exponent = (found["exponent"] or "")[1:].lstrip("+-0")
    if len(found[0]) > MOST_LENGTH or len(exponent) > 5 or int(exponent or 0) > MOST_EXPONENT:
        return None
    if not _stands_alone(found) or _CORE.fullmatch(found["core"]) is None:
        return None
    if (found["percent"] and not percent) or (found["sign"] and (found["inner"] or found["sign"] in _DASHES)):
        return None
    value = Decimal(found["core"].replace(",", "") + (found["exponent"] or ""))
    return -value if found["inner"] or found["sign"] in ("-", "\u2212") else value


def _stands_alone(found: re.Match[str]) -> bool:
    text, start, end = found.string, found.start(), found.end()
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    if before.isalnum() or before in ("_", ".") or after.isalnum() or after == "_":
        return False
    if before and found["sign"] and (before in _JOINS or before in ")]+"):
        return False
    if before and before in _JOINS and start > 1 and text[start - 2].isalnum():
        return False
    return not (after and after in _JOINS and text[end + 1 : end + 2].isdigit())
