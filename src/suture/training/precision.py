"""In which numbers a model is trained, and loading it so.

A prepared base's weights are BF16, so BF16 products lose nothing of them: only activations are rounded, as on any GPU.
Embeddings and the output head stay float32, and with them the residual stream and the logits that KL is computed from.
"""

from contextlib import AbstractContextManager, nullcontext
from math import prod
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from transformers import BitsAndBytesConfig

from suture.core.errors import BadFile
from suture.core.model.train_settings import Precision
from suture.training.fast_products import with_fast_products
from suture.training.load import load_model

_WIDE = ("embed_tokens.weight", "lm_head.weight")
"""How the names of those weights end that stay float32."""
_FAST_BF16 = ("avx512_bf16", "amx_bf16")


def choose_precision(wanted: Precision) -> Precision:
    """``auto`` is BF16 on a GPU and on a CPU with instructions for it (3 times as fast), else float32."""
    if wanted is not Precision.AUTO:
        return wanted
    fast = torch.cuda.is_available() or any(flag in _cpu_flags() for flag in _FAST_BF16)
    return Precision.BFLOAT16 if fast else Precision.FLOAT32


def load_to_compute(base: Path, precision: Precision, *, four_bit: bool = False) -> Any:
    """A model whose products are computed in ``precision``, with attention written out.

    Fused attention goes backward slowly on short rows on a CPU, in another order each time on a GPU.

    Raises:
        BadFile: ``base`` cannot be loaded.
    """
    options: dict[str, Any] = {"attn_implementation": "eager"}
    if four_bit:
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16
        )
    lower = precision is Precision.BFLOAT16 or four_bit
    model = load_model(base, torch.bfloat16 if lower else torch.float32, **options)
    if lower and not four_bit:
        model.get_input_embeddings().float()
        model.get_output_embeddings().float()
    return with_fast_products(model)


def bytes_to_compute(base: Path, precision: Precision) -> int:
    """Bytes that a prepared base takes when it is loaded to be computed in ``precision``.

    Raises:
        BadFile: its weights cannot be read.
    """
    file = base / "model.safetensors"
    try:
        with safe_open(file, framework="pt") as weights:
            sizes = {name: prod(weights.get_slice(name).get_shape()) for name in weights.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise BadFile(f"{file} cannot be read: {error}", mend="make the base again") from error
    lower = precision is Precision.BFLOAT16
    return sum((2 if lower and not name.endswith(_WIDE) else 4) * size for name, size in sizes.items())


def in_its_precision(model: Any) -> AbstractContextManager[Any]:
    """BF16 products for a model loaded so; nothing for float32."""
    # No weight is cast twice in one pass; and casts that are kept would be shared by passes side by side.
    lower = torch.autocast(model.device.type, torch.bfloat16, cache_enabled=False)
    return lower if computes_in_bf16(model) else nullcontext()


def computes_in_bf16(model: Any) -> bool:
    layers = model.get_decoder().layers
    return any(weight.dtype is torch.bfloat16 for weight in layers[0].parameters())


def _cpu_flags() -> set[str]:
    """As Linux lists them; empty elsewhere."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.exists() else []
    return next((set(line.split()) for line in lines if line.startswith(("flags", "Features"))), set())
