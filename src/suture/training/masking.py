"""Selective token masking (Wu et al., 2025, arXiv 2501.14315): what the base finds very unlikely is not taught.

The paper masks tokens of a perplexity above 2.5, which is a probability below 0.4.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import log

from suture.core.errors import UsageError
from suture.training.examples import Example
from suture.training.frozen_base import FrozenBase
from suture.training.loss import token_losses
from suture.training.packing import pack


def mask_unlikely(examples: Sequence[Example], base: FrozenBase, below: float) -> list[Example]:
    """Stop teaching those tokens of failure rows to which the base gives a probability under ``below``.

    A row with nothing left to teach is left out.

    Raises:
        UsageError: no failure row is left.
    """
    kept: list[Example] = []
    for example in examples:
        if example.anchor:
            kept.append(example)
            continue
        alone = pack([example], base.device)
        losses = token_losses(base.logits(alone), alone.labels, alone.taught).tolist()
        taught = likely_enough(losses, below)
        if any(taught):
            kept.append(replace(example, taught=taught))
    if all(example.anchor for example in kept):
        raise UsageError(f"mask_below {below:g} masks every reference token", mend="lower train.mask_below")
    return kept


def likely_enough(losses: Sequence[float], below: float) -> tuple[bool, ...]:
    """Tell which tokens have a probability of at least ``below``; ``losses`` are -log p, in nats."""
    return tuple(loss <= -log(below) for loss in losses)
