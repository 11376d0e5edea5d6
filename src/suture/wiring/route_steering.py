"""What the records of a store tell of the policies of a routes file."""

from contextlib import closing
from pathlib import Path

from suture.core.frozen import Frozen
from suture.core.measure.modes import Mode
from suture.core.measure.steered import Steered, SteeredPolicy
from suture.core.measure.steering.records import Contender, FoldedRecords
from suture.router.written import WrittenRoutes
from suture.store.home import Home
from suture.store.served_file import served_records
from suture.store.steered_rows import SteeredRows
from suture.wiring.routes_file import read_routes


class RouteSteering(Frozen):
    """Attributes:
    policies: those that were served last, with what is known of them now and how often each is asked.
    fallback: how often none of them is asked.
    floor: below this conductance a circuit is open; 0 where none ever opens.
    answers: of this route that were counted, of the newest of each.
    """

    route: str
    policies: tuple[SteeredPolicy, ...]
    fallback: float
    floor: float
    answers: int


def steering_of(routes: Path, home: Path | None) -> tuple[RouteSteering, ...]:
    """Fold the records as a server does; a route of which nothing is recorded is left out.

    Raises:
        BadRecipe: as ``read_routes``.
        BadFile: nothing was ever recorded here.
    """
    written, served = read_routes(routes), Home(home).served
    folded = FoldedRecords(written.steering)
    with served_records(served), closing(SteeredRows(served)) as rows:
        folded.add(rows.fresh())
    names = [route.name for route in written.routes]
    return tuple(_now(written, folded, folded.last[name]) for name in names if name in folded.last)


def _now(written: WrittenRoutes, folded: FoldedRecords, last: Steered) -> RouteSteering:
    route = next(one for one in written.routes if one.name == last.route)
    alone = written.fallback is None or written.mode_of(route) is Mode.SPECIALISTS_ONLY
    floor = 0.0 if alone else written.steering.floor_of(len(last.policies))
    contenders = [Contender(one.name, one.policy) for one in last.policies]
    policies, fallback = folded.standing(last.route, contenders, floor)
    answers = len(folded.routes[last.route].answers)
    return RouteSteering(route=last.route, policies=policies, fallback=fallback, floor=floor, answers=answers)
