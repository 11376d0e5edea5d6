"""Carries what engine threads say into the event loop: one wake for all that has gathered, not one for each token."""

import asyncio
from collections import deque
from typing import Any


class Mailroom:
    """Of one event loop: the one that is running when it is made."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._posted: deque[tuple[asyncio.Queue[Any], Any]] = deque()
        self._called = False

    def post(self, inbox: "asyncio.Queue[Any]", item: object) -> bool:
        """Put an item into an inbox, from any thread; False when the loop is closed and nobody will read it."""
        self._posted.append((inbox, item))
        if self._called:
            return True
        self._called = True
        try:
            self._loop.call_soon_threadsafe(self._deliver)
        except RuntimeError:
            return False
        return True

    def _deliver(self) -> None:
        self._called = False  # before the first is taken: what is posted from now on calls again
        while self._posted:
            inbox, item = self._posted.popleft()
            inbox.put_nowait(item)
