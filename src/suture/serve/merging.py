"""Reads several answers at once, and stops them all when their reader leaves."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from suture.core.errors import SutureError
from suture.serve.api_error import ApiError
from suture.serve.responder import Event


async def merged(streams: Sequence[AsyncGenerator[Event]]) -> AsyncGenerator[tuple[int, Event]]:
    """Yield (place of the stream, its event), in the order in which they come.

    Raises:
        ApiError, SutureError: what the first stream to fail raised; the others are stopped.
    """
    if len(streams) == 1:
        async with aclosing(streams[0]) as only:
            async for event in only:
                yield 0, event
        return
    inbox: asyncio.Queue[tuple[int, Event] | ApiError | SutureError | None] = asyncio.Queue()
    readers = [asyncio.create_task(_read(index, stream, inbox)) for index, stream in enumerate(streams)]
    try:
        unfinished = len(readers)
        while unfinished:
            found = await inbox.get()
            if isinstance(found, Exception):
                raise found
            if found is None:
                unfinished -= 1
            else:
                yield found
    finally:
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)


async def _read(
    index: int, stream: AsyncGenerator[Event], inbox: "asyncio.Queue[tuple[int, Event] | ApiError | SutureError | None]"
) -> None:
    try:
        async with aclosing(stream) as events:
            async for event in events:
                inbox.put_nowait((index, event))
    except (ApiError, SutureError) as error:
        inbox.put_nowait(error)
    else:
        inbox.put_nowait(None)
