"""A route of several policies, taken apart into routes of one policy each, and put together again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from suture.router.written import WrittenRoute
from suture.serve.routing_table import ServedRoute


@dataclass(frozen=True)
class Way:
    """A route with one policy that may answer it alone. ``name``: the policy's, where it is one of several."""

    written: WrittenRoute
    name: str

    @property
    def key(self) -> str:
        """Names it among all of a routes file."""
        return f"{self.written.name} {self.name}".rstrip()


def ways_of(written: WrittenRoute) -> list[Way]:
    """A route with each of its policies alone."""
    return [Way(one, name if written.policies else "") for name, one in written.ways.items()]


def several(ways: Sequence[ServedRoute]) -> ServedRoute:
    """One route of several policies: like the first, and answered by any."""
    first = ways[0]
    about = {name: value for name, value in first.served.about.items() if name not in ("alias", "event")}
    about["policies"] = {way.way: {"pack": way.served.pack, **_registered(way)} for way in ways}
    since = max(way.served.since for way in ways)
    return replace(first, served=replace(first.served, since=since, about=about), way="", ways=tuple(ways))


def _registered(way: ServedRoute) -> dict[str, object]:
    return {name: way.served.about[name] for name in ("alias", "event") if name in way.served.about}
