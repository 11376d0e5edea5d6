"""What a page about a routes file shows: its routes, its router, and where prompts go. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from suture.router.classifier import UNKNOWN
from suture.router.findings import Audit
from suture.router.written import WrittenRoutes


@dataclass(frozen=True)
class RoutesShown:
    """Attributes:
    name: the routes file, as it was named.
    digest: of everything that decides; empty where the router was not trained.
    threshold: what a route's probability must reach; None where rules alone decide.
    trouble, mend: why no prompt can be asked of it yet, and what mends that; empty where it can.
    """

    name: str
    written: WrittenRoutes
    digest: str = ""
    threshold: float | None = None
    trouble: str = ""
    mend: str = ""


@dataclass(frozen=True)
class Cell:
    """How many prompts of a suite take a route. ``style``: the class that colours it."""

    count: int
    sign: str
    word: str
    style: str


@dataclass(frozen=True)
class Row:
    """``owner``: the route that claims the suite, or nothing."""

    suite: str
    owner: str
    cells: tuple[Cell, ...]


def rows_of(audit: Audit) -> tuple[Row, ...]:
    """The leak matrix: a row a suite, and a cell for each of ``audit.routes``."""
    return tuple(
        Row(suite, owner, tuple(_cell(went.get(route, 0), route, owner) for route in audit.routes))
        for suite, went in audit.matrix.items()
        for owner in [audit.owners[suite]]
    )


def _cell(count: int, route: str, owner: str) -> Cell:
    if not count:
        return Cell(0, "", "", "failing")
    if not owner:
        return Cell(count, "", "unclaimed", "failing")
    if route == owner:
        return Cell(count, "=", "stays" if count == 1 else "stay", "kept")
    return Cell(count, "−", "leak" if count == 1 else "leaks", "lost")


def headline_of(audit: Audit) -> tuple[str, str, str]:
    """Sign, style and sentence."""
    leaks, owned = len(audit.leaks), audit.owned
    if leaks:
        return "−", "lost", f"{leaks} of {owned} prompts leave their own route."
    if not owned:
        return "?", "hold", "No route claims any of these suites, so that nothing can be called a leak."
    return "=", "kept", f"All {owned} prompts of suites that a route claims stay on it."


def unclaimed(audit: Audit) -> Sequence[str]:
    """Suites that no route claims."""
    return [suite for suite, owner in audit.owners.items() if not owner]


def columns_of(audit: Audit) -> Sequence[str]:
    """Names of the columns, as people read them."""
    return ["no route" if route == UNKNOWN else route for route in audit.routes]
