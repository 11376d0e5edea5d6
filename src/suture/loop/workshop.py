"""What the stages work with: the store, the ports, the clock."""

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from suture.core.plan.ports import Engines, Judge, Packs, Progress
from suture.loop.pace import Pace
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
    _adding: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add_beside(self, kind: str, seconds: float) -> None:
        """From any thread."""
        with self._adding:
            self.beside[kind] = self.beside.get(kind, 0.0) + seconds

    @contextmanager
    def timed_beside(self, kind: str) -> Generator[None]:
        """Time what other threads do: whoever waits for them measures that for itself."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.add_beside(kind, time.monotonic() - started)

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
    pace: Pace = field(default_factory=Pace)
    stopwatch: Stopwatch = field(default_factory=Stopwatch)
