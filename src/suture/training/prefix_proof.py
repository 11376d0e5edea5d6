"""Whether a model computes rows that share their beginning as it does rows apart: tried on the model itself."""

from collections.abc import Sequence
from typing import Any

import torch

from suture.training.examples import Example
from suture.training.frozen_base import FrozenBase
from suture.training.loss import plain_model
from suture.training.objective import Objective
from suture.training.pack_losses import pack_gradients
from suture.training.packing import pack
from suture.training.precision import computes_in_bf16
from suture.training.proved_attention import EXACT, MOST_DIFFERENCE, difference
from suture.training.trained_weights import trained_weights

PROOF_TOKENS = 64
"""Of each row that something is proved on: little time and memory whatever the model."""
_WINDOWS = ("sliding_window", "attention_chunk_size")
"""What a configuration calls the number of tokens that its attention looks back; the mask of a shared pack has none."""


def sharing_is_proved(model: Any, base: FrozenBase, example: Example, longest: int) -> bool:
    """Compute two rows with one beginning in both ways, and compare gradients.

    Layers that look back by other means than attention (a state, a convolution) let the rows of a pack see each other.
    In float32 they are found out; in BF16 only where they do more than rounding does.

    Args:
        example: any row.
        longest: tokens of the longest row.
    """
    config = plain_model(model).config
    if any(getattr(config, name, None) and getattr(config, name) < longest for name in _WINDOWS):
        return False
    ids = example.ids[:PROOF_TOKENS]
    prefix = len(ids) // 4  # most of what is compared lies where rows could see each other
    if prefix < 1:
        return False
    own = ids[prefix + 1 :]
    one, other = (Example((*ids[: prefix + 1], *end), len(own), False, example.key) for end in (own, own[::-1]))
    both = [one, other]
    alone = [row_gradients(model, base, [row]) for row in both]
    try:
        together = row_gradients(model, base, both, prefix=prefix)
    except (RuntimeError, NotImplementedError, TypeError, ValueError):
        return False
    apart = [first + second for first, second in zip(*alone, strict=True)]
    return difference(together, apart) <= (MOST_DIFFERENCE if computes_in_bf16(plain_model(model)) else EXACT)


def row_gradients(model: Any, base: FrozenBase, rows: Sequence[Example], *, prefix: int = 0) -> list[torch.Tensor]:
    """Of the cross-entropy of rows in one pack, summed over their tokens."""
    packed, weights = pack(rows, model.device, prefix=prefix), trained_weights(model)
    return pack_gradients(model, base, Objective(), packed, None, taught=1, parameters=weights)[1]
