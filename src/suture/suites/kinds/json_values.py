"""JSON values as RFC 8259 has them: read strictly, and compared by value. Pure."""

import json
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn, cast

MOST_DEPTH = 200
MOST_EXPONENT = 10_000
"""Of a number: 1e10000 is read, 1e99999999 is refused rather than written out by whoever computes with it."""


class NotJson(ValueError):
    """Says in one line why a text is not one JSON value."""


def read_value(text: str) -> Any:
    """Read one JSON value: numbers as Decimal, objects as dict.

    Raises:
        NotJson: no JSON, two values, NaN or infinity, a repeated key, half a surrogate, nested deeper than
            ``MOST_DEPTH``, or a number out of range.
    """
    stripped = text.removeprefix("\ufeff").strip()
    if _depth(stripped) > MOST_DEPTH:
        raise NotJson(f"nested deeper than {MOST_DEPTH}")
    try:
        value = json.loads(
            stripped,
            parse_float=_number,
            parse_int=_number,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        raise NotJson("half a surrogate is no text") from None
    except NotJson:
        raise
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from None
    return value


def _depth(text: str) -> int:
    """The deepest nesting of brackets outside texts."""
    deepest = depth = 0
    inside, skip = False, False
    for letter in text:
        if inside:
            if skip:
                skip = False
            elif letter == "\\":
                skip = True
            elif letter == '"':
                inside = False
        elif letter == '"':
            inside = True
        elif letter in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in "]}":
            depth -= 1
    return deepest


def _number(text: str) -> Decimal:
    exponent = text.lower().partition("e")[2]
    if len(text) > MOST_EXPONENT or (exponent and abs(int(exponent[:10])) > MOST_EXPONENT):
        raise NotJson("a number out of range")
    return Decimal(text)


def _refuse_constant(name: str) -> NoReturn:
    raise NotJson(f"{name} is no JSON")


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("an object has a key twice")
    return found


@dataclass(frozen=True)
class Equality:
    """When two JSON values are equal. Numbers by value (2.0 is 2, true is no number), texts after NFC, lists in order,
    objects in any order and closed.

    Attributes:
        subset: an object may have more keys than the wanted one.
        unordered: lists are multisets.
        abs_tol, rel_tol: ``|found - wanted| <= max(abs_tol, rel_tol * |wanted|)`` is equal.
    """

    subset: bool = False
    unordered: bool = False
    abs_tol: Decimal = Decimal(0)
    rel_tol: Decimal = Decimal(0)

    def difference(self, wanted: Any, found: Any, path: str = "") -> str | None:
        """Where and how ``found`` first differs, for people; None where the two are equal."""
        where = path or "the value"
        if isinstance(wanted, dict) and isinstance(found, dict):
            return self._objects(cast("dict[str, Any]", wanted), cast("dict[str, Any]", found), path)
        if isinstance(wanted, list) and isinstance(found, list):
            return self._lists(cast("list[Any]", wanted), cast("list[Any]", found), path)
        if isinstance(wanted, Decimal) and isinstance(found, Decimal):
            allowed = max(self.abs_tol, self.rel_tol * abs(wanted))
            return None if abs(found - wanted) <= allowed else f"{where} is another number"
        if isinstance(wanted, str) and isinstance(found, str):
            return None if _normal(wanted) == _normal(found) else f"{where} is another text"
        if type(wanted) is type(found) and wanted == found:
            return None
        return f"{where} is {_name(found)}, not {_name(wanted)}"

    def _objects(self, wanted: dict[str, Any], found: dict[str, Any], path: str) -> str | None:
        keys = {_normal(key): key for key in found}
        for key, value in wanted.items():
            if (here := keys.pop(_normal(key), None)) is None:
                return f"{path}.{key} is missing"
            if (said := self.difference(value, found[here], f"{path}.{key}")) is not None:
                return said
        return f"{path}.{next(iter(keys.values()))} is too much" if keys and not self.subset else None

    def _lists(self, wanted: list[Any], found: list[Any], path: str) -> str | None:
        if len(wanted) != len(found):
            return f"{path or 'the list'} has {len(found)} members, not {len(wanted)}"
        if self.unordered:
            fits = lambda i, j: self.difference(wanted[i], found[j]) is None  # noqa: E731
            return None if _matches_all(len(wanted), fits) else f"{path or 'the list'} has other members"
        pairs = zip(wanted, found, strict=True)
        return next((said for i, (w, f) in enumerate(pairs) if (said := self.difference(w, f, f"{path}[{i}]"))), None)


def _matches_all(count: int, fits: Callable[[int, int], bool]) -> bool:
    """Whether each of ``count`` wanted members has a found one of its own (bipartite matching, Kuhn, 1955)."""
    holder: dict[int, int] = {}
    slot: dict[int, int] = {}
    known: dict[tuple[int, int], bool] = {}

    def fit(i: int, j: int) -> bool:
        if (i, j) not in known:
            known[i, j] = fits(i, j)
        return known[i, j]

    for first in range(count):
        came_from: dict[int, int] = {}
        waiting: list[int] = [first]
        free: int | None = None
        while waiting and free is None:
            i = waiting.pop()
            for j in range(count):
                if j in came_from or not fit(i, j):
                    continue
                came_from[j] = i
                if j not in holder:
                    free = j
                    break
                waiting.append(holder[j])
        if free is None:
            return False
        while free is not None:  # hand the path over, from its free end back to ``first``
            i = came_from[free]
            holder[free], slot[i], free = i, free, slot.get(i)
    return True


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _name(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
