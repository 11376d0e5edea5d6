"""Whichever attention is faster, where the model itself shows that its gradients stay what they were."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from suture.training.loss import plain_model
from suture.training.sharding import after_failed_pass

WRITTEN_OUT = "eager"
EXACT = 1e-3
"""How far gradients in float32 may be apart, relative to their norm: what computes the same is 3e-7 off."""
MOST_DIFFERENCE = 0.2
"""The same in BF16, where rounding hides what is small. On SmolLM2-135M a right kernel is 0.03 to 0.05 off, and one
that lets rows see each other 0.5 to 0.9."""


def refuse_more(parts: Mapping[str, Any]) -> None:
    """Raises NotImplementedError: among what a model hands to its attention is a part that only the model's own has."""
    if parts.get("softcap") or parts.get("s_aux") is not None or parts.get("dropout"):
        raise NotImplementedError("capped scores, attention sinks and dropout")


def fastest_proved(model: Any, gradients: Callable[[], Sequence[Tensor]], wanted: str, apart: float) -> str:
    """Switch the model to ``wanted`` where that is proved to give its gradients, to attention written out elsewhere.

    Args:
        gradients: computes those of a pack of several rows.
        apart: how far they may be from those of attention written out.

    Returns:
        The attention that the model now has.
    """
    plain = plain_model(model)
    plain.set_attn_implementation(WRITTEN_OUT)
    exact = gradients()
    plain.set_attn_implementation(wanted)
    try:
        first, second = gradients(), gradients()
    except torch.OutOfMemoryError:
        raise
    except (RuntimeError, NotImplementedError, ImportError, TypeError, ValueError):
        after_failed_pass(model)
        proved = False
    else:
        again = all(torch.equal(one, other) for one, other in zip(first, second, strict=True))
        proved = again and difference(first, exact) <= apart
    if not proved:
        plain.set_attn_implementation(WRITTEN_OUT)
    return wanted if proved else WRITTEN_OUT


@contextmanager
def in_one_order(model: Any) -> Iterator[None]:
    """For the backward pass: refuse kernels that add in an order of their own, where attention is not written out.

    Where torch only warns of them, flash attention takes one (``warn_only`` is what it looks at).
    """
    if plain_model(model).config._attn_implementation == WRITTEN_OUT:
        yield
        return
    before = torch.are_deterministic_algorithms_enabled()
    only_warn = torch.is_deterministic_algorithms_warn_only_enabled()
    torch.use_deterministic_algorithms(True, warn_only=False)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before, warn_only=only_warn)


def difference(found: Sequence[Tensor], exact: Sequence[Tensor]) -> float:
    """The norm of how far gradients are apart, relative to that of the exact ones."""
    apart = sum(float((one - other).double().pow(2).sum()) for one, other in zip(found, exact, strict=True))
    size = sum(float(one.double().pow(2).sum()) for one in exact)
    return (apart / size) ** 0.5 if size else float(apart > 0)
