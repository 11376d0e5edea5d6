"""What each optimiser step cost, kept in the Trainer's own state so that a resumed run still knows it."""

import time
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor
from transformers import TrainerCallback

from suture.core.model.adapter_records import EpochRecord
from suture.core.plan.ports import Progress
from suture.training.row_losses import RowLosses

_STEP = "suture_step"


@dataclass
class Divergence:
    """KL over some answers, and how many tokens they have."""

    divergence: list[Tensor] = field(default_factory=list)
    tokens: list[Tensor] = field(default_factory=list)


@dataclass
class Parts:
    """Sums over the rows since the last optimiser step; tensors stay on their device until it ends."""

    loss: list[Tensor] = field(default_factory=list)
    tokens: int = 0
    taught_tokens: list[Tensor] = field(default_factory=list)
    anchors: Divergence = field(default_factory=Divergence)
    new: Divergence = field(default_factory=Divergence)

    def add(self, losses: RowLosses) -> None:
        self.loss.append(losses.cross_entropy)
        self.tokens += losses.tokens
        self.taught_tokens.append(losses.taught_tokens)
        for drift, part in ((losses.anchors, self.anchors), (losses.new, self.new)):
            if drift is not None:
                part.divergence.append(drift.divergence)
                part.tokens.append(drift.tokens)


class Journal(TrainerCallback):
    """Writes one entry a step, and tells the progress port."""

    def __init__(self, progress: Progress | None) -> None:
        self.parts = Parts()
        self._progress = progress
        self._began = 0.0

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self._progress:
            self._progress.start("train", state.max_steps)
            if state.global_step:
                self._progress.advance(state.global_step, tokens=sum(step["tokens"] for step in _steps(state)))
        self._began = time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        parts, self.parts = self.parts, Parts()
        now = time.monotonic()
        entry = {
            "epoch": -(-state.global_step * state.num_train_epochs // state.max_steps),
            "loss": _total(parts.loss),
            "tokens": parts.tokens,
            "taught_tokens": _total(parts.taught_tokens),
            "kl": [_total(parts.anchors.divergence), _total(parts.anchors.tokens)],
            "kl_new": [_total(parts.new.divergence), _total(parts.new.tokens)],
            "seconds": now - self._began,
        }
        self._began = now
        state.log_history.append({"step": state.global_step, _STEP: entry})
        if self._progress:
            self._progress.advance(1, tokens=parts.tokens)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self._progress:
            self._progress.finish()


def epoch_records(state: Any) -> tuple[EpochRecord, ...]:
    """Means over each epoch, from a Trainer's state."""
    epochs: dict[int, list[dict[str, Any]]] = {}
    for step in _steps(state):
        epochs.setdefault(step["epoch"], []).append(step)
    return tuple(_record(epoch, steps) for epoch, steps in sorted(epochs.items()))


def _record(epoch: int, steps: list[dict[str, Any]]) -> EpochRecord:
    def total(name: str) -> float:
        return sum(step[name] for step in steps)

    def mean(name: str) -> float | None:
        divergence, tokens = (sum(step[name][part] for step in steps) for part in (0, 1))
        return max(0.0, divergence / tokens) if tokens else None

    return EpochRecord(
        epoch=epoch,
        loss=total("loss") / max(1, total("taught_tokens")),
        kl=mean("kl"),
        kl_new=mean("kl_new"),
        tokens=int(total("tokens")),
        seconds=total("seconds"),
    )


def _steps(state: Any) -> list[dict[str, Any]]:
    return [entry[_STEP] for entry in state.log_history if _STEP in entry]


def _total(sums: list[Tensor]) -> float:
    return float(sum(float(one) for one in sums))
