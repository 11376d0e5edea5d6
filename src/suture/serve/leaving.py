"""Ends work for a client who has left."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from starlette.types import Receive


async def unless_left(receive: Receive, work: Coroutine[Any, Any, None]) -> bool:
    """Work until it is done or the client is gone; False in that case. Either way the work has ended.

    Args:
        receive: of a request whose body was read: all it can tell from now on is that the client left.
    """
    working, leaving = asyncio.create_task(work), asyncio.create_task(_gone(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        left = not working.done()
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.wait({working, leaving})
    if left and working.cancelled():
        return False
    working.result()
    return True


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
