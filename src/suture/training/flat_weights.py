"""An adapter's weights, or their gradients, as one row of numbers, such as several processes share."""

from collections.abc import Sequence

from torch import Tensor


def copy_flat(flat: Tensor, parts: Sequence[Tensor]) -> None:
    """Write ``parts``, one after the other, into ``flat`` (numbers of all parts)."""
    at = 0
    for part in parts:
        flat[at : at + part.numel()].copy_(part.detach().reshape(-1))
        at += part.numel()


def as_parameters(flat: Tensor, parameters: Sequence[Tensor]) -> list[Tensor]:
    """Copies of the parts of ``flat``, in the shapes and on the devices of ``parameters``."""
    sizes = [parameter.numel() for parameter in parameters]
    return [
        part.view_as(parameter).to(parameter.device, copy=True)
        for part, parameter in zip(flat.split(sizes), parameters, strict=True)
    ]
