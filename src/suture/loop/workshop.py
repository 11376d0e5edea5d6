"""What the stages work with: the store, the ports, the clock."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from suture.core.plan.ports import Engines, Judge, Packs, Progress
from suture.store.store import Store


class Silent:
    """Progress for those who do not look."""

    def start(self, stage: str, total: int) -> None: ...

    def advance(self, done: int = 1, *, tokens: int = 0) -> None: ...

    def note(self, line: str) -> None: ...

    def finish(self) -> None: ...


@dataclass
class Stopwatch:
    """Measures wall seconds by kind of work (``load``, ``generate``, ``train``, ``judge``); the rest is overhead.

    Attributes:
        seconds: what was waited for.
        beside: all that was worked, whether or not it was waited for: judging goes on while a model answers.
    """

    seconds: dict[str, float] = field(default_factory=dict[str, float])
    beside: dict[str, float] = field(default_factory=dict[str, float])

    def add_beside(self, kind: str, seconds: float) -> None:
        self.beside[kind] = self.beside.get(kind, 0.0) + seconds

    @contextmanager
    def timed(self, kind: str) -> Generator[None]:
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[kind] = self.seconds.get(kind, 0.0) + time.monotonic() - started


@dataclass
class Workshop:
    """A store, and what stands behind the ports while something is measured in it."""

    store: Store
    judge: Judge
    engines: Engines
    packs: Packs
    progress: Progress = field(default_factory=Silent)
    stopwatch: Stopwatch = field(default_factory=Stopwatch)
