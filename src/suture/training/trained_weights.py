"""The weights of an adapter that is trained: which they are, their gradients, and all of them as one row of numbers."""

import mmap
import os
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter


def trained_weights(model: Any) -> list[Parameter]:
    return [parameter for parameter in model.parameters() if parameter.requires_grad]


def add_gradients(weights: Sequence[Tensor], gradients: Sequence[Tensor]) -> None:
    """Add to the gradients that the weights have; those that have none keep these."""
    for weight, gradient in zip(weights, gradients, strict=True):
        weight.grad = gradient if weight.grad is None else weight.grad.add_(gradient)


def in_one_row(parts: Sequence[Tensor]) -> Tensor:
    """A copy of ``parts``, one after the other."""
    return torch.cat([part.detach().reshape(-1) for part in parts])


def shared_row(memory: int, weights: Sequence[Tensor]) -> Tensor:
    """One row for as many numbers, float32, in the open file ``memory``: the same for each process that has it open."""
    size = 4 * sum(weight.numel() for weight in weights)
    os.truncate(memory, size)
    return torch.frombuffer(mmap.mmap(memory, size), dtype=torch.float32)


def parts_of_row(row: Tensor, weights: Sequence[Tensor]) -> list[Tensor]:
    """Views of the parts of ``row``, in the shapes of ``weights``."""
    parts = row.split([weight.numel() for weight in weights])
    return [part.view_as(weight) for part, weight in zip(parts, weights, strict=True)]
