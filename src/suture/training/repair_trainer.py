"""transformers' Trainer with Suture's loss."""

from typing import Any

from torch import Tensor
from transformers import Trainer
from transformers.trainer_callback import PrinterCallback

from suture.training.examples import IGNORED
from suture.training.journal import Journal
from suture.training.loss import FrozenBase, answer_logits, divergences, own_probability, token_losses
from suture.training.objective import Objective


class RepairTrainer(Trainer):
    """Loss of a step: the (weighted) cross-entropy of all tokens it teaches, plus KL(base || model) over its answers,
    weighted by whether the row is an anchor or a failure, all divided by the number of tokens it teaches.
    """

    def __init__(self, *, journal: Journal, objective: Objective, base: FrozenBase, **kwargs: Any) -> None:
        super().__init__(callbacks=[journal], **kwargs)
        self.remove_callback(PrinterCallback)  # it writes to stdout
        # Tells the Trainer that the loss below is already divided by the tokens of the whole step.
        self.model_accepts_loss_kwargs = True
        self._journal, self._objective, self._base = journal, objective, base

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        taught, anchor = inputs["shift_labels"], inputs["anchor"]
        logits = answer_logits(model, inputs)
        losses = token_losses(logits, taught)
        parts = self._journal.parts
        parts.loss.append(losses.detach().sum())
        parts.tokens += int(inputs["attention_mask"].sum()) if len(taught) > 1 else inputs["input_ids"].numel()
        count = (taught != IGNORED).sum()
        parts.taught_tokens.append(count)
        loss = (losses * own_probability(losses, anchor)).sum() if self._objective.weighted else losses.sum()
        for rows, weight, part in (
            (anchor, self._objective.kl_anchor, parts.anchors),
            (~anchor, self._objective.kl_new, parts.new),
        ):
            if not weight or not rows.any():
                continue
            chosen = inputs if rows.all() else {name: value[rows] for name, value in inputs.items()}
            divergence = divergences(self._base.logits(chosen), logits[rows], chosen["labels"]).sum()
            part.divergence.append(divergence.detach())
            part.tokens.append((chosen["labels"] != IGNORED).sum())
            loss = loss + weight * divergence
        return loss / (count if num_items_in_batch is None else num_items_in_batch)
