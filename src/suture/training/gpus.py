"""How many processes train, one for each GPU, and whether one GPU is enough for the base."""

from pathlib import Path
from typing import NamedTuple

import torch

from suture.core.model.train_settings import TrainSettings
from suture.training.precision import bytes_to_compute, choose_precision

_OF_A_GPU = 2 / 3
"""Part of its memory that a base may fill; an adapter's optimiser, activations and logits need the rest."""


class Processes(NamedTuple):
    """Attributes:
    share_base: each has a part of the base's layers, not a copy.
    """

    number: int
    share_base: bool


def processes_for(base: Path, settings: TrainSettings) -> Processes:
    """Raises BadFile: the base's weights cannot be read."""
    gpus = torch.cuda.device_count()
    if gpus < 2 or settings.load_in_4bit:  # in 4 bits weights are blocks, which cannot be cut
        return processes_on(gpus, 0, 0, settings)
    memory = min(torch.cuda.get_device_properties(gpu).total_memory for gpu in range(gpus))
    return processes_on(gpus, memory, bytes_to_compute(base, choose_precision(settings.precision)), settings)


def processes_on(gpus: int, memory: int, needed: int, settings: TrainSettings) -> Processes:
    """Pure.

    Args:
        memory: bytes of a GPU.
        needed: bytes of a base that may be shared; 0 of one that may not.
    """
    if gpus > 1 and needed > _OF_A_GPU * memory:
        return Processes(gpus, share_base=True)
    return Processes(max(1, min(gpus, settings.batch)), share_base=False)
