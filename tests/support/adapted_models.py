"""A prepared base with an adapter that changes what it says, as one in the middle of a training does."""

from pathlib import Path
from typing import Any

import torch

from suture.core.model.train_settings import Precision, TrainSettings
from suture.training.fresh_adapter import with_adapter

SMALL: dict[str, Any] = {"rank": 2, "alpha": 4, "precision": Precision.FLOAT32}


def adapted(base: Path, **settings: Any) -> Any:
    """``settings``: of training, beside or in place of ``SMALL``."""
    model = with_adapter(base, TrainSettings(**(SMALL | settings)))
    torch.manual_seed(3)
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.3)
    return model
