"""JSON values as RFC 8259 has them: read strictly, and compared by value. Pure."""

import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn, cast

from suture.core.json_types import is_list, is_object
from suture.core.surrogates import has_surrogates

MOST_DEPTH = 200
MOST_EXPONENT = 10_000
"""Of a number: 1e10000 is read, 1e99999999 is refused rather than written out by whoever computes with it."""
_BRACKET_OR_TEXT = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


class NotJson(ValueError):
    """Says in one line why a text is not one JSON value."""


def read_value(text: str) -> Any:
    """Read one JSON value: numbers as Decimal, objects as dict.

    Raises:
        NotJson: no JSON, two values, NaN or infinity, a repeated key, half a surrogate, nested deeper than
            ``MOST_DEPTH``, or a number out of range.
    """
    stripped = text.removeprefix("\ufeff").strip()
    if _is_too_deep(stripped):
        raise NotJson(f"nested deeper than {MOST_DEPTH}")
    try:
        value = json.loads(
            stripped,
            parse_float=_number,
            parse_int=_number,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
    except NotJson:
        raise
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from None
    if ("\\u" in stripped or not stripped.isascii()) and has_surrogates(
        json.dumps(value, ensure_ascii=False, default=str)
    ):
        raise NotJson("half a surrogate is no text")
    return value


def _is_too_deep(text: str) -> bool:
    """Whether brackets outside texts are nested deeper than ``MOST_DEPTH``, without parsing."""
    if text.count("[") + text.count("{") <= MOST_DEPTH:
        return False
    depth = 0
    for found in _BRACKET_OR_TEXT.finditer(text):
        letter = text[found.start()]
        depth += (letter in "[{") - (letter in "]}")
        if depth > MOST_DEPTH:
            return True
    return False


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
        if is_object(wanted) and is_object(found):
            return self._objects(wanted, found, path)
        if is_list(wanted) and is_list(found):
            return self._lists(wanted, found, path)
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
        if len(keys) != len(found):
            return f"{path or 'the object'} has a key in two spellings"
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
            return None if self._same_members(wanted, found) else f"{path or 'the list'} has other members"
        pairs = zip(wanted, found, strict=True)
        return next((said for i, (w, f) in enumerate(pairs) if (said := self.difference(w, f, f"{path}[{i}]"))), None)

    def _same_members(self, wanted: list[Any], found: list[Any]) -> bool:
        spelt = [canonical(value) for value in wanted], [canonical(value) for value in found]
        if not (self.subset or self.abs_tol or self.rel_tol):
            return Counter(spelt[0]) == Counter(spelt[1])
        return matches_all(*spelt, lambda i, j: self.difference(wanted[i], found[j]) is None)


def canonical(value: Any) -> str:
    """One text for all values that are equal where lists are unordered."""
    if isinstance(value, dict):
        items = sorted((_normal(key), canonical(item)) for key, item in cast("dict[str, Any]", value).items())
        return "{" + ",".join(f"{json.dumps(key)}:{item}" for key, item in items) + "}"
    if isinstance(value, list):
        return "[" + ",".join(sorted(map(canonical, cast("list[Any]", value)))) + "]"
    if isinstance(value, Decimal):
        sign, digits, exponent = value.as_tuple()
        figures = "".join(map(str, digits)).lstrip("0")
        kept = figures.rstrip("0")
        return f"{'-' * sign}{kept}e{int(exponent) + len(figures) - len(kept)}" if kept else "0"
    return json.dumps(_normal(value) if isinstance(value, str) else value)


def matches_all(wanted: list[str], found: list[str], fits: Callable[[int, int], bool]) -> bool:
    """Whether each wanted member has a found one of its own (bipartite matching, Kuhn, 1955); equal ones first."""
    count = len(wanted)
    same: defaultdict[str, list[int]] = defaultdict(list)
    for j, text in enumerate(found):
        same[text].append(j)
    slot = {i: same[text].pop() for i, text in enumerate(wanted) if same[text]}
    holder = {j: i for i, j in slot.items()}
    known: dict[tuple[int, int], bool] = {}

    def fit(i: int, j: int) -> bool:
        if (i, j) not in known:
            known[i, j] = fits(i, j)
        return known[i, j]

    for first in (i for i in range(count) if i not in slot):
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
    names: dict[type[object], str] = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "true or false",
        type(None): "null",
    }
    return names.get(type(value), "a number")
