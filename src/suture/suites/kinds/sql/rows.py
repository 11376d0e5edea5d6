"""Compares rows of two queries. This source is run by the judge's referee, on plain data, and imports little."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

Expected = dict[str, Any]
Rows = list[list[Any]]
Result = list[Any]
"""``[columns, rows]``"""

CLOSE = 1e-9
MOST_LEFT = 500
"""Rows that are matched one with any other; more that differ in their last digits only are compared in order."""
MOST_TRIES = 20_000


def compare(expected: Expected, results: list[Any]) -> None:
    """Raises AssertionError with what is wrong, for people. A query that cannot run gave no result before this."""
    if expected["any_rows"]:
        return
    for number, result in enumerate(results, 1):
        said = undetermined(expected, *result) if expected["trial"] else difference(expected, *result)
        if said:
            raise AssertionError(said if len(results) == 1 else f"database {number}: {said}")


def undetermined(expected: Expected, plain: Result, keyed: Result, other: Result, *tied: Result) -> str:
    """Why the reference cannot be compared with, or nothing. ``tied``: what it leaves open, ordered both ways."""
    if not plain[1] and not expected["allow_empty"]:
        return 'it gives no rows; if that is right, give the check "allow_empty": true'
    if len(plain[1]) != len(keyed[1]) or not same_rows(plain[1], without_keys(expected, keyed)[1]):
        return "its ORDER BY cannot be read"
    here, there = groups(expected, keyed[1]), groups(expected, other[1])
    if here != there or difference({**expected, "columns": "place"}, keyed, without_keys(expected, other)):
        return "its rows change when the tables are filled in another order"
    if tied and difference({**expected, "columns": "place"}, tied[0], without_keys(expected, tied[1])):
        return "its ORDER BY or LIMIT leaves open which rows come: order by more, until no two rows are equal"
    return ""


def without_keys(expected: Expected, result: Result) -> Result:
    width = result[0] - expected["extra"]
    return [width, [row[:width] for row in result[1]]]


def groups(expected: Expected, rows: Rows) -> list[int]:
    """How many rows come after each other whose order is free."""
    if not expected["ordered"]:
        return [len(rows)]
    if expected["keys"] is None:
        return [1] * len(rows)
    sizes: list[int] = []
    before: list[Any] | None = None
    for row in rows:
        key = [row[at] for at in expected["keys"]]
        if before is not None and all(map(same, key, before)):
            sizes[-1] += 1
        else:
            sizes.append(1)
        before = key
    return sizes


def difference(expected: Expected, wanted: Result, found: Result) -> str:
    """How the found rows are not the wanted ones, or nothing."""
    width, plain = without_keys(expected, wanted)
    rows: Rows = found[1]
    if found[0] != width:
        return f"{found[0]} columns, not {width}"
    if len(rows) != len(plain):
        return f"{'more' if len(rows) > len(plain) else 'fewer'} rows than {len(plain)}"
    parts = groups(expected, wanted[1])
    if expected["columns"] == "any":
        fits = any(same_parts(parts, plain, rearranged(rows, order)) for order in orders(plain, rows))
    else:
        fits = same_parts(parts, plain, rows)
    return "" if fits else "other rows, or in another order" if expected["ordered"] else "other rows"


def same_parts(parts: list[int], wanted: Rows, found: Rows) -> bool:
    """Whether each run of rows holds the same rows, in any order within."""
    start = 0
    for size in parts:
        if not same_rows(wanted[start : start + size], found[start : start + size]):
            return False
        start += size
    return True


def same_rows(wanted: Rows, found: Rows) -> bool:
    """Whether two lists hold the same rows: the last digits of a number do not count."""
    if len(wanted) == 1:
        return same_row(wanted[0], found[0])
    left = Counter(map(exact, wanted))
    left.subtract(map(exact, found))
    missing = [list(row) for row, count in left.items() for _ in range(count)]
    extra = [list(row) for row, count in left.items() for _ in range(-count)]
    missing, extra = sorted(map(untyped, missing), key=rounded), sorted(map(untyped, extra), key=rounded)
    if all(map(same_row, missing, extra)):
        return True
    return len(missing) <= MOST_LEFT and matched(missing, extra)


def exact(row: list[Any]) -> tuple[Any, ...]:
    """A row as a key: a text, bytes and a number differ, 1 and 1.0 do not."""
    return tuple(("n", cell) if isinstance(cell, (int, float)) else (type(cell).__name__, cell) for cell in row)


def untyped(row: Iterable[Any]) -> list[Any]:
    return [cell for _, cell in row]


def rounded(row: list[Any]) -> list[str]:
    return [f"0{cell:.6g}" if isinstance(cell, (int, float)) else f"1{type(cell).__name__}{cell!r}" for cell in row]


def same_row(one: list[Any], other: list[Any]) -> bool:
    return len(one) == len(other) and all(map(same, one, other))


def same(one: Any, other: Any) -> bool:
    """Numbers by value, within one part in a thousand million where one is a float."""
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        if isinstance(one, int) and isinstance(other, int):
            return one == other
        return math.isclose(one, other, rel_tol=CLOSE)
    return type(one) is type(other) and one == other


def matched(wanted: Rows, found: Rows) -> bool:
    """Whether each row has one of its own (bipartite matching, Kuhn, 1955)."""
    holder: dict[int, int] = {}

    def place(i: int, seen: set[int]) -> bool:
        for j, row in enumerate(found):
            if j not in seen and same_row(wanted[i], row):
                seen.add(j)
                if j not in holder or place(holder[j], seen):
                    holder[j] = i
                    return True
        return False

    return all(place(i, set()) for i in range(len(wanted)))


def orders(wanted: Rows, found: Rows) -> Iterator[list[int]]:
    """Orders of the found columns in which every column could be the wanted one, the plain order first."""
    width = len(wanted[0]) if wanted else 0
    fitting = [
        [at for at in range(width) if same_rows([[row[place]] for row in wanted], [[row[at]] for row in found])]
        for place in range(width)
    ]
    tries = 0

    def further(order: list[int]) -> Iterator[list[int]]:
        nonlocal tries
        place = len(order)
        if place == width:
            yield order
            return
        for at in fitting[place]:
            tries += 1
            if tries > MOST_TRIES:
                return
            longer = [*order, at]
            if at not in order and same_rows([row[: place + 1] for row in wanted], rearranged(found, longer)):
                yield from further(longer)

    return further([])


def rearranged(rows: Rows, order: list[int]) -> Rows:
    return [[row[at] for at in order] for row in rows]
