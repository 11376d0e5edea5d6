"""A base with a fresh LoRA adapter, and that adapter as a standard PEFT directory."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training

from suture.core.errors import UsageError
from suture.core.model.train_settings import TrainSettings
from suture.files.small_files import write_json
from suture.training.fast_products import with_fast_products
from suture.training.load import usual_device
from suture.training.precision import choose_precision, load_to_compute
from suture.training.quiet import quiet


def on_usual_device(model: Any) -> Any:
    return model if model.device.type == usual_device() else model.to(usual_device())


def with_adapter(base: Path, settings: TrainSettings, place: Callable[[Any], Any] = on_usual_device) -> Any:
    """The base in the settings' precision (see ``precision``), or in 4 bits; adapter weights always float32. It lies on
    the GPU, where there is one, or where ``place`` puts it.

    B starts at zero, so the fresh adapter changes nothing: the initialisations that change base weights (pissa, olora,
    corda) would make "adapter off" differ from the base, and are not offered.

    Raises:
        UsageError: a target module the model does not have.
    """
    plain = load_to_compute(base, choose_precision(settings.precision), four_bit=settings.load_in_4bit)
    if settings.load_in_4bit:
        plain = prepare_model_for_kbit_training(plain, use_gradient_checkpointing=False)
    return put_adapter_on(plain, settings, place)


def put_adapter_on(plain: Any, settings: TrainSettings, place: Callable[[Any], Any] = on_usual_device) -> Any:
    """A loaded model with a fresh adapter; see ``with_adapter``."""
    plain.config.attention_dropout = 0.0  # noise would make the frozen base disagree with itself
    lora = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=0.0,
        target_modules=list(settings.target_modules),
        task_type="CAUSAL_LM",
        init_lora_weights=True,
    )
    _require_targets(plain, settings.target_modules)
    torch.manual_seed(settings.seed)
    try:
        with quiet():
            model = get_peft_model(plain, lora)
    except ValueError as error:
        raise UsageError(
            f"no module of the model can have an adapter for target_modules {', '.join(settings.target_modules)}",
            mend="name linear layers of the model, such as q_proj or down_proj",
        ) from error
    return place(with_fast_products(model))


def _require_targets(plain: Any, wanted: Sequence[str]) -> None:
    """peft leaves out what it does not find, as long as it finds something."""
    names = [name for name, _ in plain.named_modules()]
    missing = [one for one in wanted if not any(name == one or name.endswith(f".{one}") for name in names)]
    if missing:
        raise UsageError(
            f"no module of the model matches target_modules {', '.join(missing)}",
            mend="name linear layers of the model, such as q_proj or down_proj",
        )


def save_adapter(model: Any, out: Path, *, base_name: str) -> None:
    """``adapter_model.safetensors`` and ``adapter_config.json``, the same bytes for the same weights."""
    with quiet():
        model.save_pretrained(out, safe_serialization=True, save_embedding_layers=False)
    (out / "README.md").unlink(missing_ok=True)  # an empty model card
    file = out / "adapter_config.json"
    config = json.loads(file.read_text("utf-8"))
    config["base_model_name_or_path"] = base_name
    config["target_modules"] = sorted(config["target_modules"])  # a set until here, in another order each run
    write_json(file, config)
