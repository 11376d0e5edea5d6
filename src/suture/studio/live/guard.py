"""Lets in only this machine's own browser: Host and Origin are checked, and every answer says what it may load."""

from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Guard:
    """ASGI, around the whole app.

    Args:
        hosts: values of ``Host`` that are this server's own: another name that leads to this machine is somebody
            else's (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self._app, self._hosts = app, frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                carried = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    if name not in carried:
                        carried[name] = value
            await send(message)

        why = self._refusal(scope["method"], Headers(scope=scope))
        app = self._app if not why else PlainTextResponse(why + "\n", status_code=403)
        await app(scope, receive, told)

    def _refusal(self, method: str, headers: Headers) -> str:
        host, origin = headers.get("host", ""), headers.get("origin")
        if host not in self._hosts:
            return "this address is not the studio's own: open the one that `suture view` printed"
        if origin is not None and origin != f"http://{host}":
            return "asked for by a page of another site"
        if method not in ("GET", "HEAD") and origin is None:
            return "asked for by something that does not say where it comes from"
        if headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-dest", "document") != "document":
            return "asked for by a page of another site"
        return ""
