"""Models that are loaded, each once, and how many answers are being made with each. In the event loop alone."""

import asyncio
from collections.abc import Collection, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass

from suture.core.measure.chat import ChatTemplate
from suture.core.measure.speech import Load
from suture.core.plan.speaker import Speaker


@dataclass(eq=False)
class Loaded:
    """Attributes:
    key: names the file, the adapters beside it, and what computes it.
    words: how its first words compare with those of its promotion; "" where none were kept.
    leases: answers that are being made with it, or will be: it is not closed before they have ended.
    """

    key: str
    speaker: Speaker
    template: ChatTemplate
    words: str = ""
    leases: int = 0
    retired: bool = False


class Shelf:
    """Attributes:
    loaded: by key; those that only wait for their last answer among them.
    """

    def __init__(self) -> None:
        self.loaded: dict[str, Loaded] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def put(self, loaded: Loaded) -> None:
        self.loaded[loaded.key] = loaded

    @contextmanager
    def lease(self, models: Iterable[Loaded]) -> Generator[None]:
        """None of these models is closed meanwhile."""
        held = tuple(models)
        for one in held:
            one.leases += 1
        try:
            yield
        finally:
            for one in held:
                one.leases -= 1
                self._close_if_done(one)

    def keep(self, keys: Collection[str]) -> None:
        """Every other model is closed, now or when its last answer has ended."""
        for one in list(self.loaded.values()):
            one.retired = one.key not in keys
            self._close_if_done(one)

    def load(self) -> Load:
        loads = [one.speaker.load() for one in self.loaded.values()]
        return Load(
            sum(load.waiting for load in loads),
            sum(load.speaking for load in loads),
            sum(load.restarts for load in loads),
        )

    async def close(self) -> None:
        """Close them all, whoever is asked still."""
        for one in list(self.loaded.values()):
            one.retired, one.leases = True, 0
            self._close_if_done(one)
        await asyncio.gather(*self._closing)

    def _close_if_done(self, one: Loaded) -> None:
        if one.retired and one.leases <= 0 and self.loaded.get(one.key) is one:
            del self.loaded[one.key]
            task = asyncio.get_running_loop().create_task(asyncio.to_thread(one.speaker.close))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
