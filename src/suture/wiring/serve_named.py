"""Finds what a routes file names now: the source of each policy, of its shadow, and of the fallback."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from suture.core.errors import SutureError
from suture.router.written import WrittenRoute, WrittenRoutes
from suture.wiring.serve_models import Beside, adapters_beside
from suture.wiring.serve_sources import Source, Sources
from suture.wiring.serve_ways import ways_of


@dataclass(frozen=True)
class Named:
    """What a routes file names, found: the source of each policy, of its shadow, and of the fallback; and what could
    not be found, by the name of its route and, where that has several, of its policy."""

    routes: Mapping[str, Source]
    shadows: Mapping[str, Source]
    fallback: Source | None
    troubles: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def beside(self) -> Beside:
        """Return which adapters go with which pack."""
        found = (*self.routes.values(), *self.shadows.values(), *([self.fallback] if self.fallback else []))
        return adapters_beside((source.policy, source.adapters) for source in found)


class NameFinder:
    """``directory``: what the paths of policies are relative to."""

    def __init__(self, written: WrittenRoutes, sources: Sources, directory: Path = Path()) -> None:
        self._written, self._sources, self._directory = written, sources, directory

    def find(self, before: Named | None = None) -> Named:
        """Find everything; what cannot be found is as it was ``before``.

        Raises:
            SutureError: as ``Sources``, where there was nothing before.
        """
        routes: dict[str, Source] = {}
        shadows: dict[str, Source] = {}
        troubles: dict[str, str] = {}
        for way in [way for route in self._written.routes for way in ways_of(route)]:
            model = way.written.model
            try:
                routes[way.key] = self._source_of(way.written)
                shadow = self._sources.shadow(model) if model else None
                if shadow is not None:
                    shadows[way.key] = shadow
            except SutureError as error:
                if before is None:
                    raise
                former = before.routes[way.key]
                wanted = self._sources.points_at(model or "") or "another"
                troubles[way.key] = not_served(wanted, former.sha256, error)
                routes.setdefault(way.key, former)
        return Named(routes, shadows, self._fallback(), troubles)

    def _source_of(self, route: WrittenRoute) -> Source:
        """Find what a route names now. Raises SutureError: as ``Sources``."""
        if route.policy:
            return self._sources.written(self._directory / route.policy)
        return self._sources.find(route.model or "")

    def _fallback(self) -> Source | None:
        """Find the fallback; where no mode may ask it, it is not even looked for."""
        if self._written.fallback is None or not self._written.asks_fallback:
            return None
        source, engine = self._sources.find(self._written.fallback.model), self._written.fallback.engine
        if engine is None:
            return source
        policy = source.policy.computed_by(engine)
        return replace(source, policy=policy, sha256=policy.sha256)


def not_served(wanted: str, serves: str, error: SutureError) -> str:
    """Why something else is served than was wanted: SHA-256 of both, and what went wrong."""
    return f"wanted {wanted[:12]}, serves {serves[:12]}, because {error}"
