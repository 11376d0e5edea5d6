"""Everything that is served, replaceable while it answers: a request takes the table once, and leases what it names."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack, aclosing

from suture.core.errors import SutureError
from suture.core.measure.modes import Mode
from suture.core.measure.served_answer import ServedAnswer
from suture.core.measure.speech import Load, Piece
from suture.serve.api_error import ApiError
from suture.serve.responder import Ended, Event, Inquiry, ServedModel
from suture.serve.routing_table import Answerer, RoutingTable, ServedRoute, told_by
from suture.serve.shadows import Shadows
from suture.serve.shelf import Shelf
from suture.serve.steering import Choice, RouteShown, Steering


class LiveResponder:
    """Attributes:
    shelf: the models that are loaded.
    shadows: how answers of shadows compare.
    steering: who chooses among the policies of a route; None where nothing is recorded, so that nothing is learned.
    """

    def __init__(self, table: RoutingTable, shelf: Shelf, steering: Steering | None = None) -> None:
        self._table, self.shelf, self.shadows, self.steering = table, shelf, Shadows(), steering
        self._former: RoutingTable | None = None
        self._troubles: dict[str, str] = {}

    @property
    def table(self) -> RoutingTable:
        """What is served now."""
        return self._table

    def swap(self, table: RoutingTable, troubles: Mapping[str, str] | None = None) -> None:
        """Serve another table from now on. Requests under way end on the old one, whose models stay loaded, so that to
        go back is to swap again; what only older tables need is closed when its last answer has ended."""
        if table is not self._table:
            self._former, self._table = self._table, table
        self._troubles = dict(troubles or {})
        former = () if self._former is None else self._former.keys
        self.shelf.keep({*table.keys, *former})

    def note_troubles(self, troubles: Mapping[str, str]) -> None:
        """Tell what could not be served, and leave the table as it is."""
        self._troubles = dict(troubles)

    def models(self) -> tuple[ServedModel, ...]:
        return self._table.served

    def load(self) -> Load:
        return self.shelf.load()

    def troubles(self) -> Mapping[str, str]:
        """See the port."""
        opened = {
            one.route: f"the fallback answers, because the circuit of {' and '.join(one.open)} is open"
            for one in self.steered()
            if one.fallback
        }
        unlearned = {"steering": self.steering.trouble} if self.steering and self.steering.trouble else {}
        return {**opened, **unlearned, **self._troubles}

    @property
    def unserved(self) -> bool:
        """Whether something else is served than was wanted."""
        return bool(self._troubles)

    def steered(self) -> tuple[RouteShown, ...]:
        """What is known of the policies of each route; nothing where nothing is learned."""
        if self.steering is None:
            return ()
        routes = [route for route in self._table.routes.values() if route.mode not in (None, Mode.FALLBACK_ONLY)]
        return tuple(self.steering.shown(route, route.mode) for route in routes)

    def shadow_counts(self) -> Mapping[tuple[str, str], int]:
        """See the port."""
        return self.shadows.counts

    async def respond(self, asked: Inquiry) -> AsyncGenerator[Event]:
        """See the port."""
        route, routed = self._table.choose(asked)
        choice = self._choose(route, asked.mode)
        route, answerer = choice.route, choice.answerer
        told = told_by(route, routed, choice.mode, answerer.sha256).model_copy(update=choice.told)
        said, ended = list[str](), False
        with self.shelf.lease(answerer.models):
            async with aclosing(answerer.answers.respond(asked, told)) as events:
                async for event in events:
                    if route.shadow is not None and isinstance(event, Piece):
                        said.append(event.text)
                    ended = ended or isinstance(event, Ended)
                    yield event
        if route.shadow is not None and ended:
            self._ask_shadow(route.served.name, route.shadow, asked, "".join(said))

    def _choose(self, route: ServedRoute, wanted: Mode | None) -> Choice:
        if self.steering is not None:
            return self.steering.choose(route, wanted)
        return Choice(route, *route.answerer(wanted), steered=None)

    def _ask_shadow(self, name: str, shadow: Answerer, asked: Inquiry, text: str) -> None:
        """Off the client's path, and only one at a time: a shadow never makes a client wait for a second one."""
        if not self.shadows.begin(name):
            return
        held = ExitStack()
        held.enter_context(self.shelf.lease(shadow.models))

        async def ask() -> None:
            with held:
                said = await _said(shadow, asked)
            self.shadows.end(name, None if said is None else said == text)

        self.shadows.hold(asyncio.get_running_loop().create_task(ask()))


async def _said(shadow: Answerer, asked: Inquiry) -> str | None:
    """None where it failed."""
    told = ServedAnswer(policy=shadow.sha256)
    try:
        async with aclosing(shadow.answers.respond(asked, told)) as events:
            return "".join([event.text async for event in events if isinstance(event, Piece)])
    except (ApiError, SutureError):
        return None
