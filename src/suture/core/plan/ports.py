"""What the loop needs from the outside world, as protocols. Only the CLI chooses what stands behind them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from suture.core.measure.attempt import Completion, EngineIdentity, Request, Sampling
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.task import Task
from suture.core.measure.verdict import JudgeIdentity, Verdict
from suture.core.model.adapter import AdapterRecord
from suture.core.model.base import BaseRecord
from suture.core.model.pack import Quantisation
from suture.core.model.proof import Parity
from suture.core.model.train_settings import TrainSettings
from suture.core.teach.dataset import Dataset


class Generator(Protocol):
    """Generates text with one pack.

    Law: with temperature 0 the same requests in the same order give the same completions.
    """

    @property
    def identity(self) -> EngineIdentity: ...

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Iterator[tuple[int, Completion]]:
        """Yield ``(index into requests, completion)`` once for each request, in any order.

        Raises:
            Fault: the engine itself failed.
        """
        ...

    def close(self) -> None: ...


class Judge(Protocol):
    """Says whether programs pass their task's tests.

    Law: equal submissions get verdicts with equal keys, however loaded the machine is.
    """

    @property
    def identity(self) -> JudgeIdentity: ...

    def judge(self, submissions: Sequence[tuple[Task, str]]) -> Iterator[tuple[int, Verdict]]:
        """Yield ``(index into submissions, verdict)`` once for each ``(task, program source)``, in any order.

        A program is the whole source: the task's prelude is put before it by the judge.
        Never raises for anything a program does; a FAULT is a verdict.
        """
        ...

    def close(self) -> None: ...


class Progress(Protocol):
    """Told how far a stage is. Does nothing by default; the CLI draws a bar."""

    def start(self, stage: str, total: int) -> None: ...

    def advance(self, done: int = 1, *, tokens: int = 0) -> None: ...

    def note(self, line: str) -> None: ...

    def finish(self) -> None: ...


class Foundry(Protocol):
    """Makes models: bases ready for training, adapters, merged weights, packs and their proofs.

    Laws: equal inputs give byte-identical files on one machine; a file or directory appears whole or not at all.
    """

    @property
    def versions(self) -> dict[str, str]:
        """Of the libraries that train and merge, by name."""
        ...

    def prepare_base(self, source: Path | str, out: Path) -> BaseRecord:
        """A GGUF file, a Hugging Face directory or hub id, made ready in ``out``."""
        ...

    def loglikelihoods(self, base: Path, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Of each ``(prompt, target)``'s target after its prompt, under the prepared base, in nats."""
        ...

    def train(
        self, base: Path, dataset: Dataset, settings: TrainSettings, out: Path, checkpoints: Path
    ) -> AdapterRecord: ...

    def scale_layers(self, adapter: Path, out: Path, *, first: float, last: float) -> str:
        """Write ``adapter`` with its layers' updates scaled in even steps from ``first`` in the first layer to ``last``
        in the last; returns the SHA-256 of its weights."""
        ...

    def merge(self, base: Path, adapter: Path, scale: float, out: Path) -> None: ...

    def pack(self, merged: Path, base: Path, quantisation: Quantisation, out: Path, lineage: Mapping[str, str]) -> str:
        """Write one GGUF; returns its SHA-256."""
        ...

    def prove(self, pack: Path, merged: Path, prompts: Sequence[str]) -> Parity: ...

    def template(self, pack: Path) -> ChatTemplate:
        """Raises BadFile / UsageError for a file that is no pack of a supported architecture."""
        ...
