"""Attention on a CPU, written out, its products by oneDNN: a head's queries beside those that share its keys.

torch asks MKL for these products, and MKL is slow on AMD's processors (see ``fast_products``); they were a sixth of a
step in float32. Scores are made, masked and turned into weights in one place, so that only the weights are kept for the
way back. Used where the model itself shows that its gradients stay what they were.
"""

from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.masking_utils import eager_mask

from suture.training.fast_products import by_onednn
from suture.training.proved_attention import refuse_more

BY_GROUPS = "suture_groups"


def grouped_attention(  # noqa: PLR0917 - transformers calls it so
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    **others: Any,
) -> tuple[Tensor, None]:
    """An attention function of transformers: query (1, heads, T, D), key and value (1, fewer heads, T, D).

    Returns:
        (1, T, heads, D), and no weights.

    Raises:
        NotImplementedError: the model's attention has a part that this lacks, or several sequences.
    """
    refuse_more(others)
    if len(query) > 1 or query.dtype is not torch.float32:
        raise NotImplementedError("several sequences, and other types than float32")
    heads, tokens, width = query.shape[1:]
    fewer = key.shape[1]
    scale = width**-0.5 if scaling is None else scaling
    stacked = (query[0] * scale).reshape(fewer, heads // fewer * tokens, width).contiguous()
    mask = None if attention_mask is None else attention_mask[0, :, :, :tokens]
    mixed = _Attention.apply(stacked, key[0].contiguous(), value[0].contiguous(), mask)
    return mixed.view(heads, tokens, -1).transpose(0, 1)[None].contiguous(), None


AttentionInterface.register(BY_GROUPS, grouped_attention)
AttentionMaskInterface.register(BY_GROUPS, eager_mask)


class _Attention(torch.autograd.Function):
    """Scaled queries (G, N x T, D), keys and values (G, T, D), what is added to scores (1, T, T) to (G, N x T, D)."""

    @staticmethod
    def forward(ctx: Any, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
        scores = _products(query, key)
        if mask is not None:
            scores.view(-1, *mask.shape[1:]).add_(mask)
        weights = torch.softmax(scores, dim=-1)
        ctx.save_for_backward(query, key, value, weights)
        return _products(weights, value.transpose(1, 2))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        query, key, value, weights = ctx.saved_tensors
        of_mixed = gradients[0].contiguous()
        of_value = _products(weights.transpose(1, 2), of_mixed.transpose(1, 2))
        of_weights = _products(of_mixed, value)
        of_scores = torch.ops.aten._softmax_backward_data(of_weights, weights, -1, weights.dtype)
        of_query = _products(of_scores, key.transpose(1, 2))
        of_key = _products(of_scores.transpose(1, 2), query.transpose(1, 2))
        return of_query, of_key, of_value, None


def _products(left: Tensor, right: Tensor) -> Tensor:
    """(G, M, K) by (G, N, K) to (G, M, N), each group of its own; ``right`` lies row by row or column by column."""
    return torch.stack([by_onednn(one, other) for one, other in zip(left, right, strict=True)])
