"""Where a run leaves its files."""

from dataclasses import dataclass
from pathlib import Path

from suture.core.model.adapter_records import ADAPTER_WEIGHTS
from suture.store.datasets import ROWS_FILE


@dataclass(frozen=True)
class RunPaths:
    """Everything one run leaves behind."""

    root: Path

    @property
    def baseline(self) -> Path:
        return self.root / "baseline.json"

    @property
    def own_answers(self) -> Path:
        return self.root / "own-answers.json"

    @property
    def rehearsal(self) -> Path:
        return self.root / "rehearsal.json"

    @property
    def questions(self) -> Path:
        """The base's own answers to questions from elsewhere."""
        return self.root / "questions.json"

    @property
    def dataset(self) -> Path:
        return self.root / "dataset"

    @property
    def rows(self) -> Path:
        return self.dataset / ROWS_FILE

    @property
    def adapter(self) -> Path:
        return self.root / "adapter"

    @property
    def adapter_weights(self) -> Path:
        return self.adapter / ADAPTER_WEIGHTS

    @property
    def chosen(self) -> Path:
        """The adapter that is merged, where it is not the one training ended with."""
        return self.root / "chosen-adapter"

    @property
    def chosen_weights(self) -> Path:
        return self.chosen / ADAPTER_WEIGHTS

    @property
    def trials(self) -> Path:
        return self.root / "trials"

    @property
    def checkpoints(self) -> Path:
        return self.root / "checkpoints"

    @property
    def merged(self) -> Path:
        return self.root / "merged"

    @property
    def pack(self) -> Path:
        return self.root / "pack.gguf"

    @property
    def policy(self) -> Path:
        return self.root / "policy.json"

    @property
    def candidate(self) -> Path:
        return self.root / "candidate.json"

    @property
    def hidden(self) -> Path:
        """The repaired model alone, where an earlier tier's wrong answer was accepted."""
        return self.root / "hidden.json"

    def repeat(self, side: str, number: int) -> Path:
        """A further measurement of ``baseline`` or ``candidate``, or a ``draw``; ``number`` counts from 1."""
        return self.root / "repeats" / f"{side}-{number}.json"

    @property
    def gate(self) -> Path:
        return self.root / "gate.json"

    @property
    def report_markdown(self) -> Path:
        return self.root / "report.md"

    @property
    def page(self) -> Path:
        """The report as one page for a browser."""
        return self.root / "report.html"

    @property
    def progress(self) -> Path:
        """How far a run is that is going on now."""
        return self.root / "progress.json"

    @property
    def report_json(self) -> Path:
        return self.root / "report.json"
