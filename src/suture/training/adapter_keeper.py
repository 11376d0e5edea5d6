"""Keeps the adapter as it was along the way, and stops when the model has moved too far from its base."""

import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from transformers import TrainerCallback

from suture.core.model.adapter_records import ADAPTER_WEIGHTS, KEPT_ADAPTERS, KeptAdapter
from suture.core.model.train_settings import TrainSettings
from suture.core.teach.dataset import RowKind, TrainingRow
from suture.core.teach.seeded import seeded_order
from suture.files.small_files import sha256_of
from suture.training.examples import Example, encode_pair
from suture.training.fresh_adapter import save_adapter
from suture.training.frozen_base import FrozenBase
from suture.training.journal import not_below_zero, require_finite
from suture.training.loss import answer_logits, divergences
from suture.training.packing import Pack, pack
from suture.training.trained_weights import trained_weights

MOST_PROMPTS = 32
MOST_TOKENS = 64
"""Of an answer whose divergence is measured: what a base says to a task that it cannot do is often long, and measuring
it would cost more than training does."""
_KEPT = "suture_kept"


class DriftPrompts(NamedTuple):
    """What the base answered to up to 32 failures, cut to 64 tokens, and up to 32 anchors, drawn by the seed."""

    failures: list[Example]
    anchors: list[Example]


def drift_prompts(rows: Sequence[TrainingRow], tokenizer: Any, settings: TrainSettings) -> DriftPrompts:
    failures = [(row.task_digest, row.prompt, row.answer) for row in rows if row.kind is RowKind.FAILURE and row.answer]
    anchors = [(row.task_digest, row.prompt, row.target) for row in rows if row.kind is RowKind.ANCHOR]
    return DriftPrompts(
        _chosen_examples(failures, tokenizer, settings, cut=MOST_TOKENS), _chosen_examples(anchors, tokenizer, settings)
    )


def _chosen_examples(
    answered: Sequence[tuple[str, str, str]], tokenizer: Any, settings: TrainSettings, *, cut: int | None = None
) -> list[Example]:
    """Examples with keys that no training row has, those that are too long left out."""
    order = seeded_order([digest for digest, _, _ in answered], seed=settings.seed)
    chosen = [
        encode_pair(answered[i][1], answered[i][2], tokenizer, key=-1 - at) for at, i in enumerate(order[:MOST_PROMPTS])
    ]
    if cut is not None:
        chosen = [example.cut(cut) for example in chosen]
    return [example for example in chosen if len(example.ids) <= settings.max_len and example.answer > 0]


Each = Callable[..., Iterable[Any]]
"""``map``, or one that does several at once."""


def mean_divergence(model: Any, base: FrozenBase, examples: Sequence[Example], each: Each = map) -> float | None:
    """KL(base || model) in nats a token over the examples' answers."""

    @torch.no_grad()
    def divergence(alone: Pack, hidden: torch.Tensor) -> float:
        return float(divergences(base.logits_of(hidden), answer_logits(model, alone)).sum())

    packs = [pack([example], base.device) for example in examples]
    with base.alone():
        states = list(each(base.hidden, packs))
    total, tokens = sum(each(divergence, packs, states)), sum(example.answer for example in examples)
    return not_below_zero(total / tokens) if tokens else None


def part_held(model: Any, examples: Sequence[Example], each: Each = map) -> float | None:
    """The part of the examples whose answer is the model's likeliest at each of its tokens."""

    @torch.no_grad()
    def is_held(example: Example) -> bool:
        alone = pack([example], model.device)
        return bool((answer_logits(model, alone).argmax(dim=-1) == alone.labels).all())

    return sum(each(is_held, examples)) / len(examples) if examples else None


class AdapterKeeper(TrainerCallback):
    """Keeps an adapter at the end of each epoch, or every ``keep_every`` steps, and at the end of training."""

    def __init__(
        self,
        base: FrozenBase,
        examples: DriftPrompts,
        settings: TrainSettings,
        scratch: Path,
        base_name: str,
        *,
        each: Each = map,
    ) -> None:
        """``each``: how the examples are gone through."""
        self._each = each
        self._base, self._examples, self._settings = base, examples, settings
        self._scratch, self._base_name = scratch / KEPT_ADAPTERS, base_name

    def on_step_end(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:
        every, step = self._settings.keep_every, state.global_step
        is_due = step % every == 0 if every else step * state.num_train_epochs % state.max_steps == 0
        if is_due or step == state.max_steps:
            self._keep(state, model)
            control.should_training_stop |= self.is_over(state)

    def _keep(self, state: Any, model: Any) -> None:
        out = self._scratch / str(state.global_step)
        shutil.rmtree(out, ignore_errors=True)  # of a run that was stopped after this
        largest = [float(weight.detach().abs().max()) for weight in trained_weights(model)]
        drift = mean_divergence(model, self._base, self._examples.failures, self._each)
        require_finite([*largest, drift or 0.0], state.global_step)
        save_adapter(model, out, base_name=self._base_name)
        kept = KeptAdapter(
            step=state.global_step,
            kl=drift,
            anchors_held=part_held(model, self._examples.anchors, self._each),
            sha256=sha256_of(out / ADAPTER_WEIGHTS),
        )
        state.log_history.append({"step": state.global_step, _KEPT: kept.to_json()})

    def is_over(self, state: Any) -> bool:
        """Tell whether training ends here: the adapter that was kept last is beyond a limit."""
        return not all(self._within(kept) for kept in kept_in(state)[-1:])

    def _within(self, kept: KeptAdapter) -> bool:
        budget, held = self._settings.kl_budget, self._settings.anchors_held
        too_far = budget is not None and kept.kl is not None and kept.kl > budget
        too_few = held is not None and kept.anchors_held is not None and kept.anchors_held < held
        return not too_far and not too_few

    def result(self, state: Any) -> KeptAdapter:
        """The last adapter within the limits; the first of all when none is."""
        kept = kept_in(state)
        return next((one for one in reversed(kept) if self._within(one)), kept[0])

    def move_into(self, directory: Path, state: Any) -> None:
        """The result becomes the adapter in ``directory``, and those along the way lie under it."""
        shutil.copytree(self._scratch / str(self.result(state).step), directory, dirs_exist_ok=True)
        if len(kept_in(state)) > 1:
            shutil.copytree(self._scratch, directory / KEPT_ADAPTERS)


def kept_in(state: Any) -> tuple[KeptAdapter, ...]:
    """From a Trainer's state, in order."""
    return tuple(KeptAdapter.model_validate(entry[_KEPT]) for entry in state.log_history if _KEPT in entry)
