"""Adapters by peft itself, as any tool on top of it saves them: what Suture did not train."""

from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model

from suture.training.load import load_model
from suture.training.quiet import quiet


def save_adapter(base: Path, out: Path, *, seed: int, std: float, **settings: object) -> Path:
    """A LoRA adapter of ``base`` in ``out`` whose update is no longer zero: B is drawn with deviation ``std``."""
    torch.manual_seed(seed)
    with quiet():  # peft asks transformers by a name that it is about to lose
        model = get_peft_model(load_model(base), LoraConfig(**settings))
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(parameter, std=std)
        model.save_pretrained(out)
    return out
