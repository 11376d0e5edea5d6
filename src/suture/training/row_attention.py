"""Attention that computes nothing across the rows of a pack, for GPUs.

Written out, attention over a pack of T tokens makes T x T weights and throws most of them away. torch's ``varlen_attn``
(flash attention; Dao, 2023, arXiv 2307.08691) is told where rows begin. Whether it says the same as attention that is
written out, and the same twice, depends on device, driver and model: so it is proved on the model itself before
training begins, and not used where the proof fails (see ``proved_attention``).
"""

from collections.abc import Callable
from inspect import signature
from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface

from suture.training.proved_attention import refuse_more

BY_ROWS = "suture_rows"


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
    refuse_more(others)
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
