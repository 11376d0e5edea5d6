"""Attention that computes nothing across the rows of a pack, for GPUs.

Written out, attention over a pack of T tokens makes T x T weights and throws most of them away. torch's ``varlen_attn``
(flash attention; Dao, 2023, arXiv 2307.08691) is told where rows begin. Whether it says the same as attention that is
written out, and the same twice, depends on device, driver and model: so it is proved on the model itself before
training begins, and not used where the proof fails.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from inspect import signature
from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface

from suture.training.loss import plain_model
from suture.training.sharding import after_failed_pass

WRITTEN_OUT = "eager"
BY_ROWS = "suture_rows"
MOST_DIFFERENCE = 0.2
"""Of gradients, relative to their norm. On SmolLM2-135M in BF16 a right kernel is 0.03 to 0.05 off, and one that lets
rows see each other 0.5 to 0.9."""


def rows_attention(  # noqa: PLR0917 - transformers calls it so
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    sliding_window: int | None = None,
    cu_seq_lens_q: Tensor | None = None,
    max_length_q: int | None = None,
    **others: Any,
) -> tuple[Tensor, None]:
    """An attention function of transformers: query (1, heads, T, D), key and value (1, fewer heads, T, D).

    Returns:
        (1, T, heads, D), and no weights.

    Raises:
        NotImplementedError: the model's attention has a part that flash attention lacks.
    """
    if others.get("softcap") or others.get("s_aux") is not None:
        raise NotImplementedError("capped scores and attention sinks")
    from torch.nn.attention.varlen import varlen_attn

    tokens = query.shape[2]
    bounds = cu_seq_lens_q
    if bounds is None:
        bounds = torch.tensor([0, tokens], dtype=torch.int32, device=query.device)
    longest = max_length_q or tokens
    fewer: dict[str, Any] = {"enable_gqa": True}
    if not _takes(varlen_attn, "enable_gqa"):  # torch before 2.12
        key, value, fewer = _for_each_head(key, query), _for_each_head(value, query), {}
    q, k, v = (part[0].transpose(0, 1).to(value.dtype).contiguous() for part in (query, key, value))
    window = (-1 if sliding_window is None else sliding_window - 1, 0)
    mixed: Any = varlen_attn(q, k, v, bounds, bounds, longest, longest, scale=scaling, window_size=window, **fewer)
    return mixed[None], None


def _takes(function: Callable[..., Any], name: str) -> bool:
    parameters = signature(function).parameters
    return name in parameters or any(one.kind is one.VAR_KEYWORD for one in parameters.values())


def _for_each_head(part: Tensor, query: Tensor) -> Tensor:
    """Keys or values (1, fewer heads, T, D), each as often as heads share it."""
    return part.repeat_interleave(query.shape[1] // part.shape[1], dim=1)


AttentionInterface.register(BY_ROWS, rows_attention)


def fastest_proved(model: Any, gradients: Callable[[], Sequence[Tensor]], wanted: str = BY_ROWS) -> str:
    """Switch the model to ``wanted`` where that is proved to give its gradients, to attention written out elsewhere.

    Args:
        gradients: computes those of a pack of several rows.

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
        proved = again and difference(first, exact) <= MOST_DIFFERENCE
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
