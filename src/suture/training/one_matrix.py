"""One matrix of an adapter merged by peft, without the model around it."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from peft import LoraConfig, inject_adapter_in_model
from peft.utils import set_peft_model_state_dict
from safetensors.torch import load_file

from suture.core.errors import BadFile
from suture.core.model.adapter_records import ADAPTER_WEIGHTS
from suture.training.quiet import quiet


def merged_matrix(adapter: Path, name: str, weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """``weight`` (out, in), which the base calls ``name``, with the adapter's whole update in it, in float32.

    Raises:
        BadFile: peft finds no update of it in ``adapter``.
    """
    *path, last, _ = name.split(".")  # model.layers.0.self_attn.q_proj.weight
    module = root = torch.nn.Module()
    for part in path:
        module.add_module(part, inner := torch.nn.Module())
        module = inner
    linear = torch.nn.Linear(weight.shape[1], weight.shape[0], bias=False)
    linear.weight.data = torch.from_numpy(np.array(weight))
    module.add_module(last, linear)
    prefix = "base_model.model."
    kept = {
        key.removeprefix(prefix): tensor.float()
        for key, tensor in load_file(adapter / ADAPTER_WEIGHTS).items()
        if key.startswith(f"{prefix}{name.removesuffix('weight')}lora_")
    }
    try:
        with quiet():
            inject_adapter_in_model(LoraConfig.from_pretrained(str(adapter)), root)
            left = set_peft_model_state_dict(root, kept)
            layer = module.get_submodule(last)
            layer.merge(safe_merge=True)  # pyright: ignore[reportCallIssue] - a LoraLayer now
    except (ValueError, KeyError, TypeError, RuntimeError, AttributeError) as error:
        raise BadFile(f"peft cannot merge {name!r} of {adapter}: {error}", mend="save the adapter again") from error
    if len(kept) != 2 or left.unexpected_keys:
        raise BadFile(f"peft finds no update of {name!r} in {adapter}", mend="save the adapter again")
    return layer.get_submodule("base_layer").weight.detach().numpy()  # pyright: ignore[reportCallIssue]
