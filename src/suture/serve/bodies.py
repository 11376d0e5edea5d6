"""Reads the body of a request, and no more of it than is allowed."""

import asyncio
from collections.abc import Mapping

from starlette.requests import Request

from suture.serve.api_error import ApiError
from suture.serve.door import Limits


async def read_body(request: Request, limits: Limits) -> bytes:
    """
    Raises:
        ApiError: no JSON by its content type (415), too long (413), or too slow (408).
        ClientDisconnect: the client left before the end.
    """
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ApiError(415, f"The body is {kind!r}: send application/json.", code="unsupported_media_type")
    stated = request.headers.get("content-length", "0")
    if not stated.isdigit() or int(stated) > limits.body:
        raise _too_long(limits)
    parts: list[bytes] = []
    length = 0
    try:
        async with asyncio.timeout(limits.body_seconds):
            async for part in request.stream():
                length += len(part)
                if length > limits.body:
                    raise _too_long(limits)
                parts.append(part)
    except TimeoutError:
        raise ApiError(408, "The body took too long.", code="request_timeout", headers=_CLOSE) from None
    return b"".join(parts)


def _too_long(limits: Limits) -> ApiError:
    return ApiError(413, f"The body is longer than {limits.body} bytes.", code="request_too_large", headers=_CLOSE)


_CLOSE: Mapping[str, str] = {"connection": "close"}
"""Else the rest of the body would be read, however long it is."""
