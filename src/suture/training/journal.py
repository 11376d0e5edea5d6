"""What each optimiser step cost, kept in the Trainer's own state so that a resumed run still knows it."""

import time
from collections.abc import Iterable
from math import isfinite
from typing import Any

from torch import Tensor
from transformers import TrainerCallback

from suture.core.errors import UsageError
from suture.core.model.adapter_records import EpochRecord, StepRecord
from suture.core.plan.ports import Progress
from suture.training.pack_losses import Drift, PackLosses

_STEP = "suture_step"
MOST_STEPS = 200
"""Records of steps that an adapter keeps: more than that no picture shows apart."""


class Journal(TrainerCallback):
    """Writes one entry a step, and tells the progress port."""

    def __init__(self, progress: Progress | None) -> None:
        self.losses: list[PackLosses] = []
        """Since the last optimiser step; tensors stay on their device until it ends."""
        self._progress = progress
        self._began = 0.0

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self._progress:
            self._progress.start("train", state.max_steps)
            if state.global_step:
                self._progress.advance(state.global_step, tokens=sum(step["tokens"] for step in _steps(state)))
        self._began = time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        losses, self.losses = self.losses, []
        now = time.monotonic()
        tokens = sum(one.tokens for one in losses)
        require_finite((float(one.loss) for one in losses), state.global_step)
        entry = {
            "epoch": -(-state.global_step * state.num_train_epochs // state.max_steps),
            "loss": _total(one.cross_entropy for one in losses),
            "tokens": tokens,
            "taught_tokens": _total(one.taught_tokens for one in losses),
            "kl": _sums(one.anchors for one in losses),
            "kl_new": _sums(one.new for one in losses),
            "seconds": now - self._began,
        }
        self._began = now
        state.log_history.append({"step": state.global_step, _STEP: entry})
        if self._progress:
            self._progress.advance(1, tokens=tokens)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self._progress:
            self._progress.finish()


def require_finite(numbers: Iterable[float], step: int) -> None:
    """Raises UsageError: one of them is infinite or no number."""
    if not all(isfinite(number) for number in numbers):
        said = f"training diverged at step {step}: the loss or a weight is no finite number"
        raise UsageError(said, mend="lower train.lr; 1e-4 is usual")


def not_below_zero(divergence: float) -> float:
    """A divergence is none; rounding makes it so. What is no number stays so."""
    return 0.0 if divergence < 0 else divergence


def epoch_records(state: Any) -> tuple[EpochRecord, ...]:
    """Means over each epoch, from a Trainer's state."""
    epochs: dict[int, list[dict[str, Any]]] = {}
    for step in _steps(state):
        epochs.setdefault(step["epoch"], []).append(step)
    return tuple(_record(epoch, steps) for epoch, steps in sorted(epochs.items()))


def step_records(state: Any) -> tuple[StepRecord, ...]:
    """One step a record, or means over as many as it takes to stay within ``MOST_STEPS``."""
    steps = [(entry["step"], entry[_STEP]) for entry in state.log_history if _STEP in entry]
    each = -(-len(steps) // MOST_STEPS) or 1
    windows = (steps[at : at + each] for at in range(0, len(steps), each))
    return tuple(StepRecord(step=window[-1][0], **_means([step for _, step in window])) for window in windows)


def _record(epoch: int, steps: list[dict[str, Any]]) -> EpochRecord:
    tokens, seconds = (sum(step[name] for step in steps) for name in ("tokens", "seconds"))
    return EpochRecord(epoch=epoch, tokens=int(tokens), seconds=seconds, **_means(steps))


def _means(steps: list[dict[str, Any]]) -> dict[str, Any]:
    def total(name: str) -> float:
        return sum(step[name] for step in steps)

    def mean(name: str) -> float | None:
        divergence, tokens = (sum(step[name][part] for step in steps) for part in (0, 1))
        return not_below_zero(divergence / tokens) if tokens else None

    return {"loss": total("loss") / max(1, total("taught_tokens")), "kl": mean("kl"), "kl_new": mean("kl_new")}


def _steps(state: Any) -> list[dict[str, Any]]:
    return [entry[_STEP] for entry in state.log_history if _STEP in entry]


def _total(sums: Iterable[Tensor]) -> float:
    return float(sum(float(one) for one in sums))


def _sums(drifts: Iterable[Drift | None]) -> list[float]:
    """Divergence and tokens."""
    there = [drift for drift in drifts if drift is not None]
    return [_total(drift.divergence for drift in there), _total(drift.tokens for drift in there)]
