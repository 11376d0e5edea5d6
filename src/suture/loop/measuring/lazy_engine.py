"""An engine that loads its pack when the first batch needs it: a run that only reads the ledger loads nothing."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from suture.core.errors import Fault
from suture.core.measure.attempt import Completion, Request, Sampling
from suture.core.measure.engine_choice import EngineChoice
from suture.core.plan.ports import Generator
from suture.loop.measuring.pack_file import PackFile
from suture.loop.workshop import Workshop


class LazyEngine:
    """May be asked from several threads where the workshop's pace says so.

    Args:
        adapters: PEFT directories to load beside the pack, by the SHA-256 of their weights.
    """

    def __init__(
        self, workshop: Workshop, choice: EngineChoice, pack: PackFile, adapters: Mapping[str, Path] | None = None
    ) -> None:
        self._workshop, self.choice, self.pack = workshop, choice, pack
        self._beside = {"adapters": adapters} if adapters else {}
        self._engine: Generator | None = None
        self._opening = threading.Lock()
        stopwatch = workshop.stopwatch
        self._timed = stopwatch.timed if workshop.pace.batches is None else stopwatch.timed_beside
        self.identity = workshop.engines.identify(choice)

    def __enter__(self) -> "LazyEngine":
        return self

    def __exit__(self, *_: object) -> None:
        if self._engine is not None:
            self._engine.close()

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> list[Completion]:
        """One completion a request, in order. Raises Fault: the engine failed, or is not the one it should be."""
        engine = self._opened()
        found: dict[int, Completion] = {}
        with self._timed("generate"):
            for index, completion in engine.generate(requests, sampling):
                found[index] = completion
                self._workshop.progress.advance(tokens=completion.tokens)
        if len(found) != len(requests):
            raise Fault(f"engine {self.identity.name} answered {len(found)} of {len(requests)} requests")
        return [found[index] for index in range(len(requests))]

    def _opened(self) -> Generator:
        with self._opening:
            if self._engine is None:
                with self._timed("load"):
                    self._engine = self._workshop.engines.open(self.choice, self.pack.path, **self._beside)
                if self._engine.identity != self.identity:
                    raise Fault(f"engine says it is {self._engine.identity}, expected {self.identity}")
            return self._engine
