"""transformers' Trainer with Suture's loss."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import Trainer
from transformers.trainer_callback import PrinterCallback

from suture.training.examples import Example, collate
from suture.training.journal import Journal
from suture.training.loss import FrozenBase
from suture.training.objective import Objective
from suture.training.row_losses import SideBySide, held_rows, row_losses


class RepairTrainer(Trainer):
    """Loss of a step: the (weighted) cross-entropy of all tokens it teaches, plus KL(base || model) over its answers,
    weighted by whether the row is an anchor or a failure, all divided by the number of tokens it teaches.

    With ``side_by_side`` a step's rows stay apart, for a CPU, where padding costs as much as tokens do; without it they
    are one padded batch.
    """

    def __init__(
        self,
        *,
        journal: Journal,
        objective: Objective,
        base: FrozenBase,
        side_by_side: SideBySide | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(callbacks=[journal], data_collator=_apart if side_by_side else collate, **kwargs)
        self.remove_callback(PrinterCallback)  # it writes to stdout
        # Tells the Trainer that the loss below is already divided by the tokens of the whole step.
        self.model_accepts_loss_kwargs = True
        self._journal, self._objective, self._base, self._side_by_side = journal, objective, base, side_by_side

    def training_step(self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None) -> Tensor:
        if self._side_by_side is None:
            return super().training_step(model, inputs, num_items_in_batch)
        found = self._side_by_side.add_gradients(inputs["rows"])
        self._journal.losses += found
        return torch.stack([losses.loss for losses in found]).sum()

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        held = held_rows(inputs, self._objective)
        base_logits = None
        if held.any():
            base_logits = self._base.logits({name: value[held] for name, value in inputs.items()})
        losses = row_losses(model, inputs, base_logits, self._objective)
        self._journal.losses.append(losses._replace(loss=losses.loss.detach()))
        return losses.loss / (losses.taught_tokens if num_items_in_batch is None else num_items_in_batch)


def _apart(examples: Sequence[Example]) -> dict[str, Any]:
    return {"rows": [collate([example]) for example in examples]}
