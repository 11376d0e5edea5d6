"""How many tokens may be computed at once, from what a token keeps for the backward pass."""

from typing import Any, NamedTuple

import torch

from suture.training.examples import Example
from suture.training.loss import answer_hidden, plain_model
from suture.training.packing import pack

_PROBE_TOKENS = 32
MOST_PACKED = 16_384
"""More than so many tokens at once bring nothing: the products of a GPU are full long before."""
SPARE = 0.8
"""Part of the memory that activations may fill; logits, gradients and what lies between allocations need the rest."""


class Room(NamedTuple):
    """Attributes:
    most_tokens: of a pack; no pack is made smaller than a row.
    recompute: activations are computed again in the backward pass, because the longest row does not fit otherwise.
    """

    most_tokens: int
    recompute: bool


def room(saved_bytes: float, free_bytes: float, longest: int, *, most: int = MOST_PACKED) -> Room:
    """Plan packs. Pure.

    Args:
        saved_bytes: what one token keeps for the backward pass.
        free_bytes: memory for activations.
        longest: tokens of the longest row.
    """
    fits = int(SPARE * free_bytes / saved_bytes)
    if fits >= longest:
        return Room(min(most, fits), recompute=False)
    return Room(longest, recompute=True)


def saved_bytes_a_token(model: Any) -> float:
    """Measured: a short row goes forward, and what autograd keeps of it is counted, weights left out.

    Attention's own weights, which grow with a row's length, are left out too.
    """
    weights = {weight.untyped_storage().data_ptr() for weight in model.parameters()}
    kept: dict[int, int] = {}

    def count(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    probe = pack([Example((0,) * _PROBE_TOKENS, _PROBE_TOKENS - 1, anchor=False, key=0)], plain_model(model).device)
    with torch.autograd.graph.saved_tensors_hooks(count, lambda tensor: tensor):
        hidden = answer_hidden(model, probe)
    del hidden
    return sum(kept.values()) / _PROBE_TOKENS


def recompute_activations(model: Any) -> None:
    """Keep only what enters each layer, and compute the rest again in the backward pass (Chen et al., 2016, arXiv
    1604.06174): the same gradients, a third more work."""
    plain_model(model).activation_checkpointing_enable({"use_reentrant": False})
    model.train()  # a layer looks at whether it is in training
