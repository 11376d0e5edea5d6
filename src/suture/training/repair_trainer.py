"""transformers' Trainer with Suture's loss."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import Trainer
from transformers.trainer_callback import PrinterCallback

from suture.training.examples import Example
from suture.training.journal import Journal
from suture.training.several_processes import SpreadGradients
from suture.training.step_gradients import StepGradients


class RepairTrainer(Trainer):
    """Loss of a step: the (weighted) cross-entropy of all tokens it teaches, plus KL(base || model) over its answers,
    weighted by whether the row is an anchor or a failure, all divided by the number of tokens it teaches.

    A batch is a list of examples: how and where they are computed is not the Trainer's business.
    """

    def __init__(self, *, journal: Journal, gradients: StepGradients | SpreadGradients, **kwargs: Any) -> None:
        super().__init__(callbacks=[journal], data_collator=_as_they_are, **kwargs)
        self.remove_callback(PrinterCallback)  # it writes to stdout
        # Tells the Trainer that the loss below is already divided by the tokens of the whole step.
        self.model_accepts_loss_kwargs = True
        self._journal, self._gradients = journal, gradients

    def training_step(self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None) -> Tensor:
        model.train()
        found = self._gradients.add(inputs["examples"])
        self._journal.losses += found
        return torch.stack([losses.loss for losses in found]).sum()


def _as_they_are(examples: Sequence[Example]) -> dict[str, Any]:
    return {"examples": list(examples)}
