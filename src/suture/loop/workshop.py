"""What the stages work with: the store, the ports, the clock."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from suture.core.measure.attempt import EngineIdentity
from suture.core.plan.ports import Generator, Judge, Progress
from suture.core.plan.recipe import EngineChoice
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

    seconds: dict[str, float] = field(default_factory=dict)
    beside: dict[str, float] = field(default_factory=dict)

    def add_beside(self, kind: str, seconds: float) -> None:
        self.beside[kind] = self.beside.get(kind, 0.0) + seconds

    @contextmanager
    def timed(self, kind: str) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[kind] = self.seconds.get(kind, 0.0) + time.monotonic() - started


class OpenEngine(Protocol):
    def __call__(
        self, choice: EngineChoice, pack: Path, /, *, adapters: Mapping[str, Path] | None = None
    ) -> Generator: ...


@dataclass
class Workshop:
    """Attributes:
    identify_engine: the identity an engine would have, without loading it.
    open_engine: loads a pack, with PEFT directories beside it (by the SHA-256 of their weights) if any are given.
    hot_adapters: whether an engine can do that.
    installed_engines: names that ``auto`` may choose from.
    """

    store: Store
    judge: Judge
    identify_engine: Callable[[EngineChoice], EngineIdentity]
    open_engine: OpenEngine
    hot_adapters: Callable[[EngineChoice], bool] = lambda choice: False
    installed_engines: Callable[[], tuple[str, ...]] = lambda: ()
    progress: Progress = field(default_factory=Silent)
    stopwatch: Stopwatch = field(default_factory=Stopwatch)
