"""Chooses the next token for all rows of a batch at once."""

from collections.abc import Sequence

import torch
from torch import Tensor

from suture.core.measure.attempt import Sampling


def sample_tokens(sampling: Sampling, rows: Sequence[int], tokens: int) -> Tensor:
    """A number in [0, 1) for each token of each row, (B, tokens); (B, 0) where the likeliest token is taken anyway.

    Each row has its own, from the seed and its place: the same whatever shares its batch, and on any device.
    """
    drawn = tokens if sampling.temperature else 0
    return torch.stack([torch.rand(drawn, generator=torch.Generator().manual_seed(sampling.seed + r)) for r in rows])


def choose(logits: Tensor, sampling: Sampling, lots: Tensor) -> Tensor:
    """(B, V) and (B, 1) to (B, 1): the likeliest, or the one in the nucleus (Holtzman et al., 2019, arXiv 1904.09751)
    that its lot falls on, by inversion of the cumulated probabilities.
    """
    if sampling.temperature == 0:
        return logits.argmax(-1, keepdim=True)
    ranked, order = (logits / sampling.temperature).softmax(-1).sort(-1, descending=True)
    ends = ranked.cumsum(-1)
    nucleus = (ends - ranked < sampling.top_p).sum(-1, keepdim=True)  # (B, 1): how many; the first is always in it
    place = torch.searchsorted(ends, lots * ends.gather(1, nucleus - 1), right=True)
    return order.gather(1, place.clamp(max=nucleus - 1))
