"""The slots of an engine that speaks, and those who wait for one."""

import asyncio

from suture.core.measure.speech import Load


class SlotQueue:
    """``slots``: answers that are made at once. First come, first served."""

    def __init__(self, slots: int) -> None:
        self._free = asyncio.Semaphore(slots)
        self._waiting = self._speaking = 0

    async def take(self) -> None:
        """Wait for a slot. Who has got one gives it back, whatever happens."""
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        self._speaking += 1

    def give_back(self) -> None:
        """End an answer, for the next who waits."""
        self._speaking -= 1
        self._free.release()

    def load(self, restarts: int = 0) -> Load:
        """Count who waits and who speaks now."""
        return Load(self._waiting, self._speaking, restarts)
