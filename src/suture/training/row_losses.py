"""What a batch of rows costs, and the gradients of the rows of a step, computed side by side."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import Any, NamedTuple, TypeVar

import torch
from torch import Tensor

from suture.machine.cores import usable_cores
from suture.training.examples import IGNORED
from suture.training.loss import FrozenBase, answer_logits, divergences, own_probability, token_losses
from suture.training.objective import Objective

_Result = TypeVar("_Result")


class Drift(NamedTuple):
    """KL(base || model) summed over some answers, and how many tokens they have; tensors stay on their device."""

    divergence: Tensor
    tokens: Tensor


class RowLosses(NamedTuple):
    """Sums over the rows of a batch.

    Attributes:
        loss: what training lowers, with its graph; to be divided by the tokens that the whole step teaches.
        cross_entropy: of the tokens taught, in nats, unweighted.
        taught_tokens: how many tokens are taught.
        tokens: tokens of prompts and targets, without padding.
        anchors: divergence on anchor rows; None where nothing weighs it.
        new: the same on failure rows.
    """

    loss: Tensor
    cross_entropy: Tensor
    taught_tokens: Tensor
    tokens: int
    anchors: Drift | None
    new: Drift | None


def held_rows(inputs: dict[str, Any], objective: Objective) -> Tensor:
    """Tell which rows of a batch are held to what the base says: (B,)."""
    anchor = inputs["anchor"]
    return (anchor & bool(objective.kl_anchor)) | (~anchor & bool(objective.kl_new))


def row_losses(model: Any, inputs: dict[str, Any], base_logits: Tensor | None, objective: Objective) -> RowLosses:
    """``base_logits`` (B', A, V): of the batch's ``held_rows``; None where there are none."""
    taught, anchor = inputs["shift_labels"], inputs["anchor"]
    logits = answer_logits(model, inputs)
    losses = token_losses(logits, taught)
    loss = (losses * own_probability(losses, anchor)).sum() if objective.weighted else losses.sum()
    drifts: dict[bool, Drift | None] = {True: None, False: None}
    if base_logits is not None:
        held = held_rows(inputs, objective)
        labels, anchors = inputs["labels"][held], anchor[held]
        each = divergences(base_logits, logits[held], labels)
        tokens = (labels != IGNORED).sum(dim=-1)
        for of_anchors, weight in ((True, objective.kl_anchor), (False, objective.kl_new)):
            rows = anchors == of_anchors
            if weight and rows.any():
                divergence = each[rows].sum()
                drifts[of_anchors] = Drift(divergence.detach(), tokens[rows].sum())
                loss = loss + weight * divergence
    padded = len(taught) > 1
    return RowLosses(
        loss=loss,
        cross_entropy=losses.detach().sum(),
        taught_tokens=(taught != IGNORED).sum(),
        tokens=int(inputs["attention_mask"].sum()) if padded else inputs["input_ids"].numel(),
        anchors=drifts[True],
        new=drifts[False],
    )


class SideBySide:
    """Each row of a step on one thread of its own, as many at once as there are processors.

    Gradients are added in the order of the rows, so they are the same on any number of processors. Threads that have
    nothing to do sleep: OpenMP's wait for the slowest by spinning, which on a busy machine costs more than it brings.
    """

    def __init__(self, model: Any, base: FrozenBase, objective: Objective, *, workers: int) -> None:
        self._model, self._base, self._objective = model, base, objective
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="row")
        self._parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]

    def add_gradients(self, rows: Sequence[dict[str, Any]]) -> list[RowLosses]:
        """Adds the step's gradients to the parameters'. ``rows``: batches of one row."""
        taught = sum(int((row["shift_labels"] != IGNORED).sum()) for row in rows)
        held = [row if held_rows(row, self._objective).any() else None for row in rows]
        # The base is the model with its adapter switched off, for all threads at once: so the base goes first.
        with self._base.alone():
            hidden = list(self.each(lambda row: None if row is None else self._base.hidden(row), held))
        found: list[RowLosses] = []
        for losses, gradients in self.each(self._row, rows, hidden, repeat(max(1, taught))):
            found.append(losses)
            for parameter, gradient in zip(self._parameters, gradients, strict=True):
                parameter.grad = gradient if parameter.grad is None else parameter.grad.add_(gradient)
        return found

    def _row(self, row: dict[str, Any], hidden: Tensor | None, taught: int) -> tuple[RowLosses, Sequence[Tensor]]:
        logits = None if hidden is None else self._base.logits_of(hidden)
        losses = row_losses(self._model, row, logits, self._objective)
        gradients = torch.autograd.grad(losses.loss / taught, self._parameters)
        return losses._replace(loss=losses.loss.detach()), gradients

    def each(self, work: Callable[..., _Result], *arguments: Any) -> Iterator[_Result]:
        """``map``, several at once; one item needs no other thread."""
        if len(arguments[0]) == 1:
            return map(work, *arguments)
        return self._pool.map(work, *arguments)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


def processors_to_use() -> int:
    """Count the processors to train on: all usable ones, or fewer where ``OMP_NUM_THREADS`` says so."""
    mine = usable_cores()
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return min(mine, int(wanted)) if wanted.isdigit() and int(wanted) else mine
