"""uvicorn's HTTP/1.1, which by itself waits for ever for the rest of a request's headers."""

import asyncio
import json
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from suture.serve.api_error import ApiError, overloaded
from suture.serve.front import new_request_id


class GuardedHttp(H11Protocol):
    """Closes a connection whose headers are not there in time, and one that is too many, which is told so. h11, not
    httptools: that takes headers of any length."""

    header_seconds = 10.0
    most = 1 << 20

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.most:
            self._refuse(overloaded(f"There are {self.most} connections; that is the most."))
        else:
            self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwatch()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Say that a request is no HTTP as all else that is refused is said, and end the connection."""
        self._refuse(ApiError(400, msg, code="invalid_http"))

    def _refuse(self, error: ApiError) -> None:
        body = json.dumps(error.to_json()).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
            (b"x-request-id", new_request_id().encode()),
            *((name.encode(), value.encode()) for name, value in error.headers.items()),
        ]
        response = h11.Response(status_code=error.status, headers=headers)
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):  # else an answer was begun, and this would be in it
            events = (response, h11.Data(data=body), h11.EndOfMessage())
            self.transport.write(b"".join(self.conn.send(event) or b"" for event in events))
        self.transport.close()

    def _watch(self) -> None:
        """From the first byte that waits for the rest of its headers, and from the connection's beginning."""
        if self.conn.their_state is not h11.IDLE:
            self._unwatch()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(self.header_seconds, self._too_slow)

    def _unwatch(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._deadline = None
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self.transport.close()


def guarded(header_seconds: float, most: int) -> type[GuardedHttp]:
    """``most``: connections at once."""
    return type("GuardedHttp", (GuardedHttp,), {"header_seconds": header_seconds, "most": most})
