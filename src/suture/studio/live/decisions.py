"""Promoting and rolling back: only with a key, and by the same code as the command line."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from suture.core.errors import UsageError
from suture.core.model.registry_events import RegistryEvent
from suture.studio.live.forms import form_of
from suture.studio.live.library import Deciding
from suture.studio.live.pages import page


class Decisions:
    def __init__(self, deciding: Deciding) -> None:
        self._deciding = deciding

    def routes(self) -> list[Route]:
        return [
            Route("/decide/promote", self.promote, methods=["POST"]),
            Route("/decide/rollback", self.rollback, methods=["POST"]),
        ]

    async def promote(self, request: Request) -> Response:
        given, who = await form_of(request, self._deciding)
        event = self._deciding.promote(given.get("model", ""), given.get("run", ""), given.get("override", ""), who)
        return _told(event)

    async def rollback(self, request: Request) -> Response:
        given, who = await form_of(request, self._deciding)
        why = given.get("why", "").strip()
        if not why:
            raise UsageError("a rollback needs a reason", mend="say why, for the history")
        return _told(self._deciding.rollback(given.get("model", ""), why, who))


def _told(event: RegistryEvent) -> Response:
    return page("screens/decided.html.jinja", title="decided", event=event)
