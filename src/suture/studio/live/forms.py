"""Forms that change something: read whole, and only from somebody with a key."""

from urllib.parse import parse_qsl

from starlette.requests import Request

from suture.core.errors import UsageError
from suture.studio.live.library import Deciding

MOST_FORM = 200_000
"""Bytes of a form: a correction may be as long as an answer."""


class NoKey(UsageError):
    """Asked for without a key."""


async def form_of(request: Request, deciding: Deciding) -> tuple[dict[str, str], str]:
    """What was sent, and whose key came with it.

    Raises:
        NoKey: nobody's.
        UsageError: too much was sent.
    """
    data = b""
    async for chunk in request.stream():
        data += chunk
        if len(data) > MOST_FORM:
            raise UsageError("the form is too large")
    given = dict(parse_qsl(data.decode("utf-8", "replace")))
    who = deciding.name_of(given.pop("key", ""))
    if who is None:
        raise NoKey("this needs a key, and what was given is none", mend="suture keys add NAME")
    return given, who
