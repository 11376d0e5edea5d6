"""What a pack of rows costs, and its gradients.

Logits are made, used and dropped a few hundred answer tokens at a time, so that nothing of tokens x vocabulary is kept
for the backward pass: the gradient of each chunk is taken at once, with respect to the hidden states that it came from.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from suture.training.frozen_base import FrozenBase
from suture.training.loss import (
    answer_hidden,
    divergences,
    head_logits,
    own_probability,
    plain_model,
    token_losses,
)
from suture.training.objective import Objective
from suture.training.packing import Pack
from suture.training.proved_attention import in_one_order

CHUNK_LOGITS = 1 << 24
"""Logits that are made at once: 64 MiB in float32, 341 tokens of a vocabulary of 49,152."""


class Drift(NamedTuple):
    """KL(base || model) summed over some answers, and how many tokens they have; tensors stay on their device."""

    divergence: Tensor
    tokens: Tensor


class PackLosses(NamedTuple):
    """Sums over the rows of a pack.

    Attributes:
        loss: what training lowers, divided by the tokens that the whole step teaches.
        cross_entropy: of the tokens taught, in nats, unweighted.
        taught_tokens: how many tokens are taught.
        tokens: tokens of prompts and targets.
        anchors: divergence on anchor rows; None where nothing weighs it.
        new: the same on failure rows.
    """

    loss: Tensor
    cross_entropy: Tensor
    taught_tokens: Tensor
    tokens: int
    anchors: Drift | None
    new: Drift | None


def as_numbers(losses: PackLosses) -> list[float | None]:
    """For another process: a tensor would be sent as a file that it has to open."""
    drifts = [part for drift in (losses.anchors, losses.new) for part in drift or (None, None)]
    sums = (losses.loss, losses.cross_entropy, losses.taught_tokens, *drifts)
    return [losses.tokens, *(part if part is None else part.item() for part in sums)]


def from_numbers(numbers: Sequence[float | None], device: torch.device) -> PackLosses:
    """What ``as_numbers`` was given."""
    tokens, *sums = numbers
    loss, cross_entropy, taught, *drifts = (torch.tensor(0.0 if one is None else one, device=device) for one in sums)
    anchors, new = (None if sums[at] is None else Drift(*drifts[at - 3 : at - 1]) for at in (3, 5))
    return PackLosses(loss, cross_entropy, taught, int(tokens or 0), anchors, new)


def pack_gradients(
    model: Any,
    base: FrozenBase,
    objective: Objective,
    pack: Pack,
    base_hidden: Tensor | None,
    *,
    taught: int,
    parameters: Sequence[Tensor],
    chunk_logits: int = CHUNK_LOGITS,
) -> tuple[PackLosses, list[Tensor]]:
    """The losses of a pack, and the gradients of ``loss`` with respect to ``parameters``.

    Args:
        base_hidden: the base's last hidden states (A, H); None where no row is held to it.
        taught: tokens that the whole step teaches; the loss is divided by it.
    """
    hidden = answer_hidden(model, pack)
    head = [one for one in plain_model(model).get_output_embeddings().parameters() if one.requires_grad]
    gradient = torch.zeros_like(hidden)
    of_head = [torch.zeros_like(one) for one in head]
    chunks: list[_Chunk] = []
    for part in _chunks(len(hidden), _vocabulary(model), chunk_logits):
        at = hidden[part].detach().requires_grad_()
        logits = head_logits(model, at)
        base_logits = None if base_hidden is None else base.logits_of(base_hidden[part])
        tokens = _Tokens(pack.labels[part], pack.taught[part], pack.anchor[part])
        chunk = _chunk(logits, base_logits, tokens, objective, taught)
        gradient[part], *more = torch.autograd.grad(chunk.loss, [at, *head])
        of_head = [sum_ + one for sum_, one in zip(of_head, more, strict=True)]
        chunks.append(chunk._replace(loss=chunk.loss.detach()))
        del at, logits, base_logits, chunk  # before the pass back through the layers, which needs the room
    found: Sequence[Tensor | None] = [None] * len(parameters)
    if hidden.requires_grad:  # not where the head alone is adapted
        with in_one_order(model):
            found = torch.autograd.grad(hidden, parameters, gradient, allow_unused=True)
    by_head = dict(zip(map(id, head), of_head, strict=True))
    gradients = [
        by_head.get(id(parameter), torch.zeros_like(parameter)) if one is None else one
        for parameter, one in zip(parameters, found, strict=True)
    ]
    return _sum(chunks, pack, objective), gradients


class _Chunk(NamedTuple):
    """Sums over some answer tokens of a pack; ``loss`` as in ``PackLosses``."""

    loss: Tensor
    cross_entropy: Tensor
    divergence_of_anchors: Tensor
    divergence_of_failures: Tensor


class _Tokens(NamedTuple):
    """Some answer tokens: see ``Pack``."""

    labels: Tensor
    taught: Tensor
    anchor: Tensor


def _chunk(logits: Tensor, base_logits: Tensor | None, tokens: _Tokens, objective: Objective, taught: int) -> _Chunk:
    losses = token_losses(logits, tokens.labels, tokens.taught)
    loss = (losses * own_probability(losses, tokens.anchor)).sum() if objective.weighted else losses.sum()
    nothing = torch.zeros_like(loss)
    of_anchors = of_failures = nothing
    if base_logits is not None:
        each = divergences(base_logits, logits)
        if objective.kl_anchor:
            of_anchors = torch.where(tokens.anchor, each, nothing).sum()
            loss = loss + objective.kl_anchor * of_anchors
        if objective.kl_new:
            of_failures = torch.where(tokens.anchor, nothing, each).sum()
            loss = loss + objective.kl_new * of_failures
    return _Chunk(loss / taught, losses.detach().sum(), of_anchors.detach(), of_failures.detach())


def _chunks(tokens: int, vocabulary: int, most: int) -> Iterator[slice]:
    each = max(1, most // vocabulary)
    return (slice(start, min(start + each, tokens)) for start in range(0, tokens, each))


def _vocabulary(model: Any) -> int:
    return plain_model(model).get_input_embeddings().weight.shape[0]


def _sum(chunks: Sequence[_Chunk], pack: Pack, objective: Objective) -> PackLosses:
    total = _Chunk(*(torch.stack(parts).sum() for parts in zip(*chunks, strict=True)))
    anchors = pack.anchor.sum()

    def drift(weight: float, divergence: Tensor, tokens: Tensor) -> Drift | None:
        return Drift(divergence, tokens) if weight and int(tokens) else None

    return PackLosses(
        loss=total.loss,
        cross_entropy=total.cross_entropy,
        taught_tokens=pack.taught.sum(),
        tokens=pack.tokens,
        anchors=drift(objective.kl_anchor, total.divergence_of_anchors, anchors),
        new=drift(objective.kl_new, total.divergence_of_failures, len(pack.anchor) - anchors),
    )
