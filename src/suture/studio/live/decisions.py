"""Promoting and rolling back: only with a key, and by the same code as the command line."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from suture.core.errors import UsageError
from suture.core.model.registry_events import RegistryEvent
from suture.studio.live.library import Deciding
from suture.studio.live.pages import page

MOST_FORM = 20_000
"""Bytes of a form."""


class Decisions:
    def __init__(self, deciding: Deciding) -> None:
        self._deciding = deciding

    def routes(self) -> list[Route]:
        return [
            Route("/decide/promote", self.promote, methods=["POST"]),
            Route("/decide/rollback", self.rollback, methods=["POST"]),
        ]

    async def promote(self, request: Request) -> Response:
        given, who = await self._form(request)
        event = self._deciding.promote(given.get("model", ""), given.get("run", ""), given.get("override", ""), who)
        return _told(event)

    async def rollback(self, request: Request) -> Response:
        given, who = await self._form(request)
        why = given.get("why", "").strip()
        if not why:
            raise UsageError("a rollback needs a reason", mend="say why, for the history")
        return _told(self._deciding.rollback(given.get("model", ""), why, who))

    async def _form(self, request: Request) -> tuple[dict[str, str], str]:
        """What was sent, and whose key came with it. Raises UsageError: nobody's."""
        if int(request.headers.get("content-length", "0") or 0) > MOST_FORM:
            raise UsageError("the form is too large")
        from urllib.parse import parse_qsl

        given = dict(parse_qsl((await request.body())[:MOST_FORM].decode("utf-8", "replace")))
        who = self._deciding.name_of(given.pop("key", ""))
        if who is None:
            raise NoKey("this needs a key, and none of that name is known", mend="suture keys add NAME")
        return given, who


class NoKey(UsageError):
    """Asked for without a key."""


def _told(event: RegistryEvent) -> Response:
    return page("screens/decided.html.jinja", title="decided", event=event)
