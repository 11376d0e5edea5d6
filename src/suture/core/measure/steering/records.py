"""What all routes know of their policies, folded from records alone: who has the records has the state."""

from collections.abc import Iterable

from suture.core.measure.served_record import Claim, Opinion, Reward, ServedRecord
from suture.core.measure.steered import Steered
from suture.core.measure.steering.route_trust import RouteTrust
from suture.core.measure.steering.settings import SteeringSettings
from suture.core.measure.steering.worth import worth_of

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
