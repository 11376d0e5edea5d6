"""How many tokens may be computed at once, from what a token keeps for the backward pass."""

from math import sqrt
from typing import Any, NamedTuple

import torch
from torch.distributed.tensor import DTensor

from suture.core.errors import UsageError
from suture.training.examples import Example
from suture.training.loss import answer_hidden, plain_model
from suture.training.packing import pack

_PROBES = (8, 16, 32)
"""Tokens of the rows that are measured: few, because bytes are exact, and every training begins with this."""
MOST_PACKED = 16_384
"""More than so many tokens at once bring nothing: the products of a GPU are full long before."""
SPARE = 0.8
"""Part of the memory that activations may fill; logits, gradients and what lies between allocations need the rest."""


class Kept(NamedTuple):
    """Bytes that the forward pass of T tokens keeps for the backward pass: ``fixed`` + ``each`` T + ``pair`` T^2.

    Fixed are the adapter's weights where they are cast anew. Attention that is written out keeps weights for each pair
    of tokens; attention by rows keeps none.
    """

    fixed: float
    each: float
    pair: float


class Room(NamedTuple):
    """Attributes:
    most_tokens: of a pack; no pack is made smaller than a row.
    recompute: activations are computed again in the backward pass, because the longest row does not fit otherwise.
    """

    most_tokens: int
    recompute: bool


def room(kept: Kept, free_bytes: float, longest: int, *, most: int = MOST_PACKED) -> Room:
    """Plan packs. Pure.

    Args:
        free_bytes: memory for activations.
        longest: tokens of the longest row.
    """
    usable = max(0.0, SPARE * free_bytes - kept.fixed)
    a_token = kept.each + sqrt(kept.each**2 + 4 * kept.pair * usable)
    fits = int(2 * usable / a_token) if a_token else MOST_PACKED
    if fits >= longest:
        return Room(min(most, fits), recompute=False)
    return Room(longest, recompute=True)


def kept_by(model: Any) -> Kept:
    """Measured: three short rows go forward, and what autograd keeps of them is counted, the model's weights left out.
    The parabola through three points."""
    low, middle, high = _PROBES
    at_low, at_middle, at_high = (_kept_bytes(model, tokens) for tokens in _PROBES)
    first, second = (at_middle - at_low) / (middle - low), (at_high - at_middle) / (high - middle)
    pair = max(0.0, (second - first) / (high - low))
    each = max(0.0, first - pair * (low + middle))
    return Kept(max(0.0, at_low - each * low - pair * low**2), each, pair)


def _kept_bytes(model: Any, tokens: int) -> int:
    kept: list[torch.UntypedStorage] = []

    def count(tensor: torch.Tensor) -> torch.Tensor:
        kept.append(tensor.untyped_storage())
        return tensor.detach()  # the tensor itself would keep its own graph alive

    probe = pack([Example((0,) * tokens, tokens - 1, anchor=False, key=0)], plain_model(model).device)
    with torch.autograd.graph.saved_tensors_hooks(count, lambda tensor: tensor):
        answer_hidden(model, probe)
    # Looked at in the end: a layer that is gathered for its forward pass is given up after it.
    weights = {_here(weight).untyped_storage().data_ptr() for weight in model.parameters()}
    sizes = {storage.data_ptr(): storage.nbytes() for storage in kept}
    return sum(size for place, size in sizes.items() if place not in weights)


def no_memory() -> UsageError:
    return UsageError("the GPU has too little memory for this training", mend="lower train.max_len or train.rank")


def _here(weight: torch.Tensor) -> torch.Tensor:
    """What lies in this process of a weight that may be sharded."""
    return weight.to_local() if isinstance(weight, DTensor) else weight


def recompute_activations(model: Any) -> None:
    """Keep only what enters each layer, and compute the rest again in the backward pass (Chen et al., 2016, arXiv
    1604.06174): the same gradients, a third more work."""
    plain_model(model).activation_checkpointing_enable({"use_reentrant": False})
    model.train()  # a layer looks at whether it is in training
