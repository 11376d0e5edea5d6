"""transformers' Trainer with Suture's loss."""

from typing import Any

from torch import Tensor
from transformers import Trainer
from transformers.trainer_callback import PrinterCallback

from suture.training.examples import IGNORED
from suture.training.journal import Journal
from suture.training.loss import FrozenBase, answer_logits, cross_entropy_sum, divergence_sum


class RepairTrainer(Trainer):
    """Loss of a step: cross-entropy a token over all its answers, plus ``kl_weight`` times KL(base || model) over
    the answers of its anchor rows, both divided by the step's answer tokens.

    Args:
        kl_weight: 0 leaves the divergence out altogether.
    """

    def __init__(self, *, journal: Journal, kl_weight: float, **kwargs: Any) -> None:
        super().__init__(callbacks=[journal], **kwargs)
        self.remove_callback(PrinterCallback)  # it writes to stdout
        # Tells the Trainer that the loss below is already divided by the tokens of the whole step.
        self.model_accepts_loss_kwargs = True
        self._journal = journal
        self._kl_weight = kl_weight
        self._base = FrozenBase(self.model)

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        labels, anchor = inputs["labels"], inputs["anchor"]
        logits = answer_logits(model, inputs)
        loss = cross_entropy_sum(logits, labels)
        parts = self._journal.parts
        parts.loss.append(loss.detach())
        parts.tokens += int(inputs["attention_mask"].sum()) if len(labels) > 1 else inputs["input_ids"].numel()
        answers = (labels != IGNORED).sum()
        parts.answer_tokens.append(answers)
        rows = anchor.nonzero().flatten()
        if self._kl_weight and len(rows):
            chosen = inputs if len(rows) == len(anchor) else {name: value[rows] for name, value in inputs.items()}
            divergence = divergence_sum(self._base.logits(chosen), logits[rows], chosen["labels"])
            parts.divergence.append(divergence.detach())
            parts.anchor_tokens.append((chosen["labels"] != IGNORED).sum())
            loss = loss + self._kl_weight * divergence
        return loss / (answers if num_items_in_batch is None else num_items_in_batch)
