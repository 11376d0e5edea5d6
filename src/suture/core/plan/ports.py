"""What the loop needs from the outside world, as protocols. Only ``wiring`` chooses what stands behind them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from suture.core.measure.attempt import Completion, EngineIdentity, Request, Sampling
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.task import Task
from suture.core.measure.verdict import JudgeIdentity, Verdict
from suture.core.model.adapter_records import AdapterRecord
from suture.core.model.base import BaseRecord
from suture.core.model.pack_manifest import Quantisation
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


class Engines(Protocol):
    """Opens packs in engines, which it knows by name."""

    @property
    def names(self) -> tuple[str, ...]:
        """Name every engine, installed or not."""
        ...

    def installed(self) -> tuple[str, ...]:
        """Names that ``auto`` may choose from: engines that run here."""
        ...

    def why_not(self, name: str, types: Collection[str]) -> str:
        """Why an engine does not compute matrices of these GGUF types as they are written; "" where it does.

        Raises:
            UnknownName: no such engine.
        """
        ...

    def reads_directories(self, choice: EngineChoice) -> bool:
        """Tell whether the engine takes a Hugging Face directory as it is. Raises UnknownName: no such engine."""
        ...

    def takes_messages(self, choice: EngineChoice) -> bool:
        """Tell whether the engine is given chats as they are, and no prompts. Raises UnknownName: no such engine."""
        ...

    def hot_adapters(self, choice: EngineChoice) -> bool:
        """Tell whether the engine loads adapters beside a pack, and takes another scale with each request."""
        ...

    def identify(self, choice: EngineChoice) -> EngineIdentity:
        """The identity that an opened engine would have, without loading anything.

        Raises:
            UnknownName: no such engine.
            MissingTool: it is not installed.
        """
        ...

    def open(self, choice: EngineChoice, pack: Path, /, *, adapters: Mapping[str, Path] | None = None) -> Generator:
        """Load a pack, with PEFT directories beside it (by the SHA-256 of their weights) if any are given.

        Raises:
            UnknownName, MissingTool: as ``identify``.
            BadFile: the engine cannot load the pack, or an adapter does not fit.
            UsageError: adapters for an engine that takes none.
        """
        ...


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
        """The versions of the libraries that train and merge, by name."""
        ...

    @property
    def computes_on(self) -> str:
        """The class of processor or GPU that training runs on here, as ``AdapterRecord.computed_on``."""
        ...

    def prepare_base(self, source: Path | str, out: Path) -> BaseRecord:
        """Prepare a GGUF file, a Hugging Face directory or a hub id in ``out``."""
        ...

    def loglikelihoods(self, base: Path, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Compute each target's log-likelihood after its prompt, under the prepared base, in nats."""
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


class Packs(Protocol):
    """Reads what packs say of themselves."""

    def template(self, pack: Path) -> ChatTemplate:
        """Raises BadFile / UsageError for a file that is no pack of a supported architecture."""
        ...

    def context(self, pack: Path) -> int | None:
        """Return how many tokens the model reads, prompt and answer together; None where the pack does not say."""
        ...

    def count_tokens(self, pack: Path, prompts: Sequence[str]) -> list[int] | None:
        """Count the tokens of each prompt, as the pack is asked; None where nothing here can count them."""
        ...
