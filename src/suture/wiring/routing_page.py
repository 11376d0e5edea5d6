"""The page about a routes file: what it says, whether its router can be asked, and where the prompts of suites go."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from suture.core.errors import BadFile, UsageError
from suture.router.findings import Audit
from suture.studio.routing import RoutesShown
from suture.wiring.page_questions import not_at_hand
from suture.wiring.route_audit import audit
from suture.wiring.routes_file import read_routes, router_of


def routing_page(path: Path) -> RoutesShown:
    """Raises BadRecipe: no such file, or none of routes."""
    written = read_routes(path)
    try:
        router = router_of(path, written)
    except BadFile as error:
        return RoutesShown(str(path), written, trouble=str(error), mend=error.mend or "")
    threshold = router.classifier.threshold if router.classifier else None
    return RoutesShown(str(path), written, router.digest, threshold)


def leaks_at_hand(path: Path, suites: Sequence[str], sources: Mapping[str, Path] | None = None) -> Audit:
    """The leak matrix as ``suture route audit`` makes it, of suites that are on this machine: nothing is fetched.

    Raises:
        UsageError and its children: a suite is not here, or the router was not trained.
    """
    named = [*suites, *(suite for route in read_routes(path).routes for suite in route.suites)]
    for selector in named:
        if why := not_at_hand(selector, sources):
            raise UsageError(why, mend=f"suture route audit {path}")
    return audit(path, suites, sources)
