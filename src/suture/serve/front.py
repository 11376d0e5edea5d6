"""What every request passes first: an id, a look at its headers, its key. And what every reply carries."""

import re
import secrets
from collections.abc import Mapping
from contextlib import suppress

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from suture.serve.api_error import ApiError, overloaded
from suture.serve.door import Door
from suture.serve.keys import bearer

OPEN_TO_ALL = "/health"
_ABSOLUTE = re.compile(r"https?://[^/?#]*(/[^?#]*)?", re.IGNORECASE)
KEY, RECORD = "suture.key", "suture.record"
"""In the scope of a request: the name of its key, and the id of its record."""
NOT_RECORDED = "off"
"""In place of a record's id, where nothing is recorded."""
KNOWN_PATHS = (
    "/health",
    "/metrics",
    "/openapi.json",
    "/v1/models",
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/feedback",
)
_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


class Front:
    """ASGI, around the whole app."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app, self._door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if (asked := _ABSOLUTE.match(scope["path"])) is not None:  # as proxies ask (RFC 9112, 3.2.2)
            scope["path"] = asked[1] or "/"
        headers = Headers(scope=scope)
        request_id = _id_of(headers)
        path = scope["path"] if scope["path"] in KNOWN_PATHS else "other"

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                carried = MutableHeaders(scope=message)
                carried["x-request-id"] = request_id
                if RECORD in scope:
                    carried["x-suture-record"] = scope[RECORD]
                self._door.meters.request(path, message["status"])
            await send(message)

        refusal = self._refusal(scope, headers)
        with suppress(ClientDisconnect):  # nobody is there to be answered
            await (self._app if refusal is None else error_response(refusal))(scope, receive, told)

    def _refusal(self, scope: Scope, headers: Headers) -> ApiError | None:
        limits = self._door.limits
        if len(headers) > limits.header_count or sum(len(n) + len(v) for n, v in headers.raw) > limits.headers:
            return ApiError(431, "The headers are too large.", code="headers_too_large")
        if scope["path"] == OPEN_TO_ALL:
            return None
        if self._door.keys:
            key = bearer(headers.get("authorization", ""))
            name = None if key is None else self._door.keys.name_of(key)
            if name is None:
                said = "You didn't provide an API key." if key is None else "Incorrect API key provided."
                code = "invalid_api_key"
                return ApiError(401, said, kind="invalid_request_error", code=code, headers=_WANTED)
            scope[KEY] = name
        if self._door.admission.closed:
            return overloaded("The server is about to end.", code="draining")
        return None


_WANTED: Mapping[str, str] = {"www-authenticate": "Bearer"}


def error_response(error: ApiError) -> JSONResponse:
    return JSONResponse(error.to_json(), status_code=error.status, headers=error.headers)


def _id_of(headers: Headers) -> str:
    """The client's own, so that both sides can look it up; or a new one."""
    given = headers.get("x-request-id", "")
    return given if _ID.fullmatch(given) else new_request_id()


def new_request_id() -> str:
    """By which both sides can look a request up."""
    return f"req_{secrets.token_hex(16)}"
