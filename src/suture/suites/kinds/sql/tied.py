"""Rewrites a query so that it also orders what it leaves open, once in each direction.

Filling tables in another order does not show every tie: GROUP BY, DISTINCT and UNION sort rows themselves.
"""

from typing import Any

TIES = "suture_ties"
"""Stands for all columns of the result in the outermost ORDER BY: how many there are is known when it is run."""


def both_ways(tree: Any) -> tuple[str, str] | None:
    """A parsed query with its columns as last keys of each ORDER BY that counts, rising and falling; None where
    nothing is ordered or cut."""
    from sqlglot import exp

    cut = [
        query for query in tree.find_all(exp.Select, exp.SetOperation) if query is not tree and query.args.get("limit")
    ]
    outermost = isinstance(tree, exp.Query) and bool(tree.args.get("order") or tree.args.get("limit"))
    if not outermost and not cut:
        return None
    rising, falling = (_ordered(tree, outermost=outermost, falling=falling) for falling in (False, True))
    return rising, falling


def _ordered(tree: Any, *, outermost: bool, falling: bool) -> str:
    from sqlglot import exp

    tree = tree.copy()
    for query in tree.find_all(exp.Select, exp.SetOperation):
        if query is not tree and query.args.get("limit") and not query.is_star:
            _append(query, [_place(at, falling=falling) for at in range(1, len(query.selects) + 1)])
    if outermost:
        _append(tree, [exp.column(TIES)])
    return tree.sql(dialect="sqlite")


def _append(query: Any, keys: list[Any]) -> None:
    from sqlglot import exp

    order = query.args.get("order")
    query.set("order", exp.Order(expressions=[*(order.expressions if order else ()), *keys]))


def _place(at: int, *, falling: bool) -> Any:
    """A column by its place, compared byte by byte whatever its collation."""
    from sqlglot import exp

    collated = exp.Collate(this=exp.Literal.number(at), expression=exp.Var(this="BINARY"))
    return exp.Ordered(this=collated, desc=falling, nulls_first=not falling)
