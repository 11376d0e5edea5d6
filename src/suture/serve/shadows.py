"""Counts how the answers of shadows compare with those that clients got."""

import asyncio
from collections import Counter


class Shadows:
    """Attributes:
    counts: by (name, ``same`` | ``other`` | ``failed`` | ``left out``).
    """

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self._busy: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, name: str) -> bool:
        """Whether the shadow may be asked: not while it answers an earlier prompt."""
        if name in self._busy:
            self.counts[name, "left out"] += 1
            return False
        self._busy.add(name)
        return True

    def hold(self, task: asyncio.Task[None]) -> None:
        """Keep a task until it is done."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def end(self, name: str, same: bool | None) -> None:
        """``same``: whether it said what the client got; None where it failed."""
        self._busy.discard(name)
        self.counts[name, "failed" if same is None else "same" if same else "other"] += 1

    async def close(self) -> None:
        """Stop those that are being asked."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
