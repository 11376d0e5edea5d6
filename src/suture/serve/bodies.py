"""Reads the bodies of requests, and no more of them than is allowed: of each, and of all together."""

import asyncio
import mmap
from collections.abc import Generator
from contextlib import contextmanager

from starlette.requests import Request

from suture.serve.api_error import ApiError, overloaded
from suture.serve.door import Limits

SHORT = 64 * 1024
"""Bytes. So much of each body is held whoever else is heard, so that nobody's long bodies keep out a short one."""


class Bodies:
    """Of one door."""

    def __init__(self, limits: Limits) -> None:
        self._limits, self._held = limits, 0

    async def read(self, request: Request) -> bytes:
        """A request's body, whole.

        Raises:
            ApiError: no JSON by its content type (415), too long (413), too slow (408), or there are too many long ones
                at once (503).
            ClientDisconnect: the client left before the end.
        """
        kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise ApiError(415, f"The body is {kind!r}: send application/json.", code="unsupported_media_type")
        stated = request.headers.get("content-length", "0")
        if not stated.isdigit() or int(stated) > self._limits.body:
            raise self._too_long()
        with self._body() as body:
            try:
                async with asyncio.timeout(self._limits.body_seconds):
                    async for part in request.stream():
                        self._hold(len(part), body.length + len(part))
                        body.add(part)
            except TimeoutError:
                raise _closing(ApiError(408, "The body took too long.", code="request_timeout")) from None
            return body.whole()

    @contextmanager
    def _body(self) -> Generator["_Body"]:
        body = _Body(self._limits.body)
        try:
            yield body
        finally:
            self._held -= body.length
            body.close()

    def _hold(self, size: int, length: int) -> None:
        """``size`` more bytes of a body that then has ``length``. Raises ApiError as ``read``."""
        if length > self._limits.body:
            raise self._too_long()
        if length > SHORT and self._held + size > self._limits.bodies:
            raise _closing(overloaded(f"Long bodies of {self._limits.bodies} bytes are read; that is the most."))
        self._held += size

    def _too_long(self) -> ApiError:
        return _closing(ApiError(413, f"The body is longer than {self._limits.body} bytes.", code="request_too_large"))


class _Body:
    """What has come of one. A long one lies in pages of its own, which the system has back at its end: a heap may keep
    them for ever. ``most``: bytes that it can have, and ``length`` those that it has."""

    def __init__(self, most: int) -> None:
        self._most, self.length = most, 0
        self._short = bytearray()
        self._pages: mmap.mmap | None = None

    def add(self, part: bytes) -> None:
        self.length += len(part)
        if self._pages is None and self.length <= SHORT:
            self._short += part
            return
        if self._pages is None:
            self._pages = mmap.mmap(-1, self._most)
            self._pages.write(self._short)
            self._short.clear()
        self._pages.write(part)

    def whole(self) -> bytes:
        return bytes(self._short) if self._pages is None else self._pages[: self.length]

    def close(self) -> None:
        if self._pages is not None:
            self._pages.close()


def _closing(error: ApiError) -> ApiError:
    """Else the rest of the body would be read, however long it is."""
    error.headers["connection"] = "close"
    return error
