"""The merge itself, by peft."""

from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from peft.tuners.lora import LoraLayer
from safetensors import SafetensorError

from suture.core.errors import BadFile
from suture.training.load import load_model
from suture.training.quiet import quiet


def merged_model(base: Path, adapter: Path, scale: float) -> Any:
    """The plain model, float32, with ``scale`` times the adapter's update added.

    Raises:
        BadFile: the adapter does not fit the base, or holds not-a-number.
    """
    model = load_model(base, torch.float32)
    try:
        with quiet():
            adapted = PeftModel.from_pretrained(model, str(adapter), is_trainable=False)
            for module in adapted.modules():
                if isinstance(module, LoraLayer):
                    for name in module.scaling:
                        module.scaling[name] *= scale
            return adapted.merge_and_unload(safe_merge=True)  # type: ignore[operator]
    except (ValueError, KeyError, TypeError, RuntimeError, OSError, SafetensorError) as error:
        first_line = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise BadFile(
            f"the adapter {adapter} cannot be merged into {base}: {first_line}", mend="use the base it was trained on"
        ) from error
