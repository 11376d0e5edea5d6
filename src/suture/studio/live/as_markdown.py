"""Answers any screen as Markdown where its address says ``as=markdown``: to copy, and for who has no browser."""

from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from suture.core.surrogates import encoded
from suture.studio.pages.screen_markdown import screen_markdown


class AsMarkdown:
    """ASGI, around the routes: what they answer in HTML is told in Markdown, under the same status."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        translating = scope["type"] == "http" and asked.get("as") == ["markdown"]
        await self._app(scope, receive, _Translated(send) if translating else send)


class _Translated:
    """Holds a page back until it is whole. What is no page goes through as it comes."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._html = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._html += message.get("body", b"")
            if not message.get("more_body", False):
                await self._told(self._start)

    async def _told(self, start: Message) -> None:
        text = encoded(screen_markdown(self._html.decode("utf-8", "replace")))
        headers = MutableHeaders(scope=start)
        headers["content-type"], headers["content-length"] = "text/plain; charset=utf-8", str(len(text))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": text})


def _is_page(start: Message) -> bool:
    return MutableHeaders(scope=start).get("content-type", "").startswith("text/html")
