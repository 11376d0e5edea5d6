"""Everything that is served, replaceable while it answers: a request takes the table once, and leases what it names."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack, aclosing

from suture.core.errors import SutureError
from suture.core.measure.served_answer import ServedAnswer
from suture.core.measure.speech import Load, Piece
from suture.serve.api_error import ApiError
from suture.serve.responder import Ended, Event, Inquiry, ServedModel
from suture.serve.routing_table import Answerer, RoutingTable, told_by
from suture.serve.shadows import Shadows
from suture.serve.shelf import Shelf


class LiveResponder:
    """Attributes:
    shelf: the models that are loaded.
    shadows: how answers of shadows compare.
    """

    def __init__(self, table: RoutingTable, shelf: Shelf) -> None:
        self._table, self.shelf, self.shadows = table, shelf, Shadows()
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

    def trouble(self, troubles: Mapping[str, str]) -> None:
        """Tell what could not be served, and leave the table as it is."""
        self._troubles = dict(troubles)

    def models(self) -> tuple[ServedModel, ...]:
        return self._table.served

    def load(self) -> Load:
        return self.shelf.load()

    def troubles(self) -> Mapping[str, str]:
        """See the port."""
        return self._troubles

    def shadow_counts(self) -> Mapping[tuple[str, str], int]:
        """See the port."""
        return self.shadows.counts

    async def respond(self, asked: Inquiry) -> AsyncGenerator[Event]:
        """See the port."""
        route, routed = self._table.choose(asked)
        mode, answerer = route.answerer(asked.mode)
        told = told_by(route, routed, mode, answerer.sha256)
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
