"""Builds what is served of a routes file: every name with its policy, in every mode that it may be asked in."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace

from suture.core.errors import SutureError, UnknownName, UsageError
from suture.core.gate.served_start import starting_counts
from suture.core.measure.modes import FALLBACK, Mode, modes_within, policy_in_mode
from suture.core.measure.policy import Policy
from suture.core.measure.task import AnswerForm, fenced
from suture.router.router import Router
from suture.router.written import FALLBACK as UNKNOWN_TO_FALLBACK
from suture.router.written import REFUSE, WrittenFallback, WrittenRoute, WrittenRoutes
from suture.serve.examiner import JudgingExaminer
from suture.serve.policy_answers import Job, PolicyAnswers
from suture.serve.responder import ServedModel
from suture.serve.routing_table import Answerer, RoutingTable, ServedRoute
from suture.serve.shelf import Loaded, Shelf
from suture.serve.voice import Voice
from suture.suites.kinds import KINDS
from suture.wiring.serve_models import Beside, ModelLoader, wanted_of
from suture.wiring.serve_named import Named, not_served
from suture.wiring.serve_sources import Source
from suture.wiring.serve_ways import Way, several, ways_of

NOBODY = "*fallback"
"""The name of what answers prompts of no route, which no client can ask for."""


@dataclass(frozen=True)
class _Place:
    """Where an answerer will stand: what its prompts are like, what it is called, and what it is loaded with."""

    job: Job
    name: str
    beside: Beside
    shelf: Shelf


class TableBuilder:
    """``plain``: there is no routes file; one model is served under its name, and there are no modes. ``counted``: what
    answers were worth is recorded, so that it can steer."""

    def __init__(
        self,
        written: WrittenRoutes,
        router: Router,
        loader: ModelLoader,
        examiner: JudgingExaminer,
        *,
        plain: bool = False,
        counted: bool = False,
    ) -> None:
        self.written, self._router, self._loader, self._examiner = written, router, loader, examiner
        self._plain, self._counted = plain, counted
        for route in written.routes:
            if route.kind and route.kind not in KINDS:
                raise UnknownName("kind", route.kind, KINDS, mend="docs/kinds.md lists the kinds")

    async def build(
        self, named: Named, shelf: Shelf, before: RoutingTable | None
    ) -> tuple[RoutingTable, dict[str, str]]:
        """A table, and what could not be served as it should be, by name: there the route of ``before`` stays.

        Raises:
            SutureError: a model cannot be loaded, and there is nothing to go on with.
        """
        routes: dict[str, ServedRoute] = {}
        troubles = dict(named.troubles)
        for written in self.written.routes:
            former = before.routes.get(written.name) if before else None
            known = {one.way: one for one in former.each} if former else {}
            ways = [
                await self._kept_or_made(way, named, shelf, known.get(way.name), troubles) for way in ways_of(written)
            ]
            routes[written.name] = ways[0] if len(ways) == 1 else several(ways)
        unknown = self.written.answers_unknown
        if unknown == UNKNOWN_TO_FALLBACK and named.fallback is not None:
            known = before.routes.get(NOBODY) if before else None
            still = known is not None and known.served.pack == named.fallback.sha256
            routes[NOBODY] = known if known is not None and still else await self._nobody(named.fallback, named, shelf)
        name = {REFUSE: "", UNKNOWN_TO_FALLBACK: NOBODY}.get(unknown, unknown)
        return RoutingTable(routes, self._chooser(), self._router, name), troubles

    async def _kept_or_made(
        self, way: Way, named: Named, shelf: Shelf, former: ServedRoute | None, troubles: dict[str, str]
    ) -> ServedRoute:
        if former is not None and self._is_still(former, way.key, named):
            return former
        source = named.routes[way.key]
        try:
            return await self._route(way, source, named, shelf)
        except SutureError as error:
            if former is None:
                raise
            troubles[way.key] = not_served(source.sha256, former.served.pack, error)
            return former

    async def _route(self, way: Way, source: Source, named: Named, shelf: Shelf) -> ServedRoute:
        written, steering = way.written, self.written.steering
        form = AnswerForm() if written.fence is None else fenced(written.fence)
        counted = self._counted and bool(way.name or steering.floor)
        kind = written.kind or source.kind
        place = _Place(Job(kind, form, written.suite, counted), written.name, named.beside, shelf)
        served = ServedModel(written.name, source.sha256, source.since, self._about(written, source))
        shadow = named.shadows.get(way.key)
        beside = None if shadow is None else await self._answerer(shadow.policy, shadow, None, place)
        behind = named.fallback.sha256 if named.fallback else ""
        if self._plain:
            alone = await self._answerer(source.policy, source, None, place)
            served = _with_words(served, [alone])
            return ServedRoute(served, None, {None: alone}, beside, behind)
        suites = {selector.partition(":")[0] for selector in (*written.suites, written.suite) if selector}
        start = starting_counts(source.gated, suites, steering.gate)
        by_mode: dict[Mode | None, Answerer] = {}
        own = self.written.mode_of(written)
        for mode in modes_within(own):
            asked = None if mode is Mode.SPECIALISTS_ONLY else named.fallback
            fallback = asked.policy if asked else None
            policy = policy_in_mode(mode, source.policy, fallback, self.written.triggers)
            by_mode[mode] = await self._answerer(policy, source, asked, place)
        return ServedRoute(_with_words(served, by_mode.values()), own, by_mode, beside, behind, way.name, start)

    def _is_still(self, former: ServedRoute, key: str, named: Named) -> bool:
        """Whether a route would be built of the very same things again."""
        source, shadow = named.routes[key], named.shadows.get(key)
        since = source.about.get("event")
        sides = (former.shadow.sha256 if former.shadow else None, shadow.sha256 if shadow else None)
        behind = named.fallback.sha256 if named.fallback else ""
        now = (source.sha256, since, behind, sides[1])
        return (former.served.pack, former.event, former.behind, sides[0]) == now

    async def _nobody(self, fallback: Source, named: Named, shelf: Shelf) -> ServedRoute:
        policy = policy_in_mode(Mode.FALLBACK_ONLY, fallback.policy, fallback.policy, self.written.triggers)
        answerer = await self._answerer(policy, fallback, fallback, _Place(Job(), FALLBACK, named.beside, shelf))
        served = ServedModel(NOBODY, fallback.sha256, fallback.since, {})
        return ServedRoute(served, Mode.FALLBACK_ONLY, {Mode.FALLBACK_ONLY: answerer})

    async def _answerer(self, policy: Policy, source: Source, fallback: Source | None, at: _Place) -> Answerer:
        packs = {**(fallback.packs if fallback else {}), **source.packs}
        self._require_answerable(policy, source, at)
        if len(policy.tiers) > 1 or at.job.counted:  # of one alone nothing is held to anything
            await asyncio.to_thread(self._examiner.prepare, at.job.kind)
        loaded: dict[str, Loaded] = {}
        voices: dict[str, Voice] = {}
        wanted = wanted_of(policy.tiers, packs, at.beside)
        for tier in policy.tiers:
            one = await self._loader.load(wanted[tier.name], at.shelf)
            elsewhere = tier.engine.model if wanted[tier.name].engine and tier.engine else None
            said = self._fallback_name(elsewhere) if tier.fallback else at.name
            voices[tier.name] = Voice(said, "" if elsewhere else tier.pack, one.speaker, one.template)
            loaded[one.key] = one
        as_kept = policy.tiers == source.policy.tiers
        answers = PolicyAnswers(policy, voices, self._examiner, at.job)
        return Answerer(answers, tuple(loaded.values()), source.sha256 if as_kept else policy.sha256)

    def _require_answerable(self, policy: Policy, source: Source, at: _Place) -> None:
        """Raises UsageError: no tier would ever be asked, or nobody says what answers are held to."""
        own = [tier for tier in source.policy.tiers if tier.serves(at.job.suite)]
        if not any(tier.serves(at.job.suite) for tier in policy.tiers):
            raise UsageError(
                f"{at.name!r}: every tier of its policy is for some suites alone",
                mend="--suite SUITE" if self._plain else "suite: SUITE in the routes file",
            )
        if len(own) > 1 and not at.job.kind:
            mend = "--kind KIND" if self._plain else "kind: KIND in the routes file"
            known = f", but {' and '.join(source.kinds)}" if source.kinds else ""
            raise UsageError(
                f"{at.name!r} is a policy of {len(own)} tiers, and nobody says what sort of job it does{known}",
                mend=f"{mend}: what answers are held to follows from it; docs/kinds.md lists the kinds",
            )

    def _fallback_name(self, model: str | None) -> str:
        fallback: WrittenFallback | None = self.written.fallback
        return FALLBACK if fallback is None else fallback.name or model or fallback.model

    def _chooser(self) -> ServedModel | None:
        if self._plain:
            return None
        names = [route.name for route in self.written.routes]
        return ServedModel(self.written.name, self._router.digest, 0, {"routes": names})

    def _about(self, written: WrittenRoute, source: Source) -> dict[str, object]:
        about: dict[str, object] = dict(source.about)
        if written.description:
            about["description"] = written.description
        return about if self._plain else about | {"mode": self.written.mode_of(written).value}


def _with_words(served: ServedModel, answerers: Iterable[Answerer]) -> ServedModel:
    """What its models' first words say, for those who ask what is served."""
    words = dict.fromkeys(one.words for answerer in answerers for one in answerer.models if one.words)
    return replace(served, about={**served.about, "first_words": "; ".join(words)}) if words else served
