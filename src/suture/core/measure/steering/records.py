"""What all routes know of their policies, folded from records alone: who has the records has the state."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from suture.core.measure.served_record import Claim, Opinion, Reward, ServedRecord
from suture.core.measure.steered import Steered, SteeredPolicy
from suture.core.measure.steering.odds import shares
from suture.core.measure.steering.route_trust import PolicyTrust, RouteTrust, mean
from suture.core.measure.steering.settings import SteeringSettings
from suture.core.measure.steering.worth import worth_of


class Contender(NamedTuple):
    """One policy that may answer a route.

    Attributes:
        name: that the routes file gives it.
        policy: SHA-256 of the policy, or of the pack that is one.
        start: right and wrong answers that it begins with, where no row named it yet.
    """

    name: str
    policy: str
    start: tuple[float, float] = (0.0, 0.0)


Row = ServedRecord | Claim | Reward
"""A row of the chain that says something of an answer."""


class FoldedRecords:
    """Attributes:
    routes: by name.
    last: the last choice of each.
    upto: the last place in the chain.

    Laws:
    The state is a function of the rows in the order of their chain, and of the settings.
    A policy that the rows did not name before begins with what the first record that names it says of it.
    """

    def __init__(self, settings: SteeringSettings) -> None:
        self._settings = settings
        self.routes: dict[str, RouteTrust] = {}
        self.last: dict[str, Steered] = {}
        self.upto = 0

    def add(self, rows: Iterable[tuple[int, Row]]) -> None:
        """Fold more rows, each with its place in the chain, which is beyond all before."""
        for place, row in rows:
            if isinstance(row, ServedRecord):
                self._answers(row)
            elif isinstance(row, Claim):
                good = None if row.opinion is Opinion.WITHDRAWN else row.opinion is Opinion.GOOD
                for route in self.routes.values():
                    route.claimed((row.record, row.choice), row.by, good=good)
            else:
                for route in self.routes.values():
                    route.rewarded((row.record, row.choice), row.value)
            self.upto = place

    def standing(
        self, name: str, contenders: Sequence[Contender], floor: float
    ) -> tuple[tuple[SteeredPolicy, ...], float]:
        """Tell what is known of a route's policies now and how often each is asked, and how often none of them.

        Args:
            floor: below this conductance a circuit is open; 0 where nobody could answer in their place.
        """
        trust = self.routes.get(name) or RouteTrust(self._settings)
        believed = trust.believed()
        known = [trust.policies.get(one.policy) or PolicyTrust(*one.start, mean(*one.start)) for one in contenders]
        counts = [believed.get(one.policy, one.start) for one in contenders]
        found = shares(counts, [one.conductance for one in known], self._settings, floor)
        policies = tuple(
            SteeredPolicy(
                name=one.name,
                policy=one.policy,
                good=trusted.good,
                bad=trusted.bad,
                conductance=trusted.conductance,
                share=share,
            )
            for one, trusted, share in zip(contenders, known, found.policies, strict=True)
        )
        return policies, found.fallback

    def _answers(self, record: ServedRecord) -> None:
        for choice, answer in enumerate(record.answers):
            how = answer.how
            if how is None or how.steered is None:
                continue
            route = self.routes.setdefault(how.steered.route, RouteTrust(self._settings))
            self.last[how.steered.route] = how.steered
            _enter(route, how.steered)
            if how.steered.of is not None:
                route.answered((record.id, choice), how.steered.of.policy, worth_of(answer))


def _enter(route: RouteTrust, steered: Steered) -> None:
    for one in steered.policies:
        route.enter(one.policy, one.good, one.bad, one.conductance)
