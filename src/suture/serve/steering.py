"""Chooses among the policies of a route, by what records tell of their answers."""

import random
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from suture.core.measure.modes import Mode
from suture.core.measure.steered import Steered, SteeredPolicy
from suture.core.measure.steering.odds import Shares, chosen
from suture.core.measure.steering.records import Contender, FoldedRecords, Row
from suture.core.measure.steering.settings import SteeringSettings
from suture.serve.routing_table import Answerer, ServedRoute

CIRCUIT = "circuit"
"""Why a fallback answered that was asked in a policy's place."""
_DIGITS = 9


class Choice(NamedTuple):
    """Attributes:
    route: with the policy that was chosen.
    mode: that is answered in, for clients.
    answerer: what answers.
    steered: how it was chosen; None where there was nothing to choose.
    """

    route: ServedRoute
    mode: Mode | None
    answerer: Answerer
    steered: Steered | None

    @property
    def told(self) -> Mapping[str, object]:
        """Fields of ``ServedAnswer``."""
        if self.steered is None:
            return {}
        of = self.steered.of
        told = {"steered": self.steered, "propensity": self.steered.propensity}
        return told | ({"fallback": CIRCUIT} if of is None else {"conductance": of.conductance})


@dataclass(frozen=True)
class RouteShown:
    """What is known of a route's policies now.

    Attributes:
        fallback: how often none of them is asked.
        floor: below this conductance a circuit is open; 0 where none ever opens.
        upto: the last row of the records that was learned from.
    """

    route: str
    policies: tuple[SteeredPolicy, ...]
    fallback: float
    floor: float
    upto: int

    @property
    def open(self) -> tuple[str, ...]:
        """Names of the policies whose circuit is open."""
        return tuple(one.name for one in self.policies if one.conductance < self.floor)


class Steering:
    """Rows may be learned from in any thread. ``rng``: for tests.

    Attributes:
        trouble: why nothing is learned at the moment; empty when it is.
    """

    def __init__(self, settings: SteeringSettings, rng: random.Random | None = None) -> None:
        self.settings = settings
        self.trouble = ""
        self._folded = FoldedRecords(settings)
        self._rng, self._lock = rng or random.SystemRandom(), threading.Lock()
        self._shown: dict[tuple[str, Mode | None], tuple[tuple[str, ...], RouteShown]] = {}

    def learn(self, rows: Iterable[tuple[int, Row]]) -> None:
        """Fold more rows, in the order of their chain."""
        with self._lock:
            self._folded.add(rows)
            self._shown.clear()

    def choose(self, route: ServedRoute, wanted: Mode | None) -> Choice:
        """Draw who answers.

        Raises:
            ApiError: the mode that a request asks for would let somebody answer who may not.
        """
        ways = route.each
        mode, answerer = route.answerer(wanted)
        if mode is None or mode is Mode.FALLBACK_ONLY:
            return Choice(ways[0], mode, answerer, None)
        shown = self.shown(route, mode)
        drawn = self._rng.random()
        place = chosen(Shares(tuple(one.share for one in shown.policies), shown.fallback), drawn)
        steered = Steered(
            route=shown.route,
            policies=shown.policies,
            fallback=shown.fallback,
            drawn=drawn,
            chosen=place,
            upto=shown.upto,
        )
        if place is None:
            return Choice(ways[0], mode, ways[0].by_mode[Mode.FALLBACK_ONLY], steered)
        return Choice(ways[place], mode, ways[place].answerer(wanted)[1], steered)

    def shown(self, route: ServedRoute, mode: Mode | None) -> RouteShown:
        """What is known of a route's policies, and how often each would be asked in a mode."""
        ways = route.each
        packs = tuple(way.served.pack for way in ways)
        with self._lock:
            key = (route.served.name, mode)
            known = self._shown.get(key)
            if known is None or known[0] != packs:
                known = self._shown[key] = (packs, self._show(route.served.name, ways, mode))
            return known[1]

    def _show(self, name: str, ways: tuple[ServedRoute, ...], mode: Mode | None) -> RouteShown:
        falls = mode is not Mode.SPECIALISTS_ONLY and Mode.FALLBACK_ONLY in ways[0].by_mode
        floor = self.settings.floor_of(len(ways)) if falls else 0.0
        contenders = [Contender(way.way or name, way.served.pack, way.start) for way in ways]
        policies, fallback = self._folded.standing(name, contenders, floor)
        return RouteShown(name, tuple(map(_rounded, policies)), fallback, floor, self._folded.upto)


def _rounded(one: SteeredPolicy) -> SteeredPolicy:
    """As records keep it."""
    told = {name: round(getattr(one, name), _DIGITS) for name in ("good", "bad", "conductance")}
    return one.model_copy(update=told)
