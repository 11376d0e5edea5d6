"""An adapter with another scale in each layer, as an adapter: every tool that knows peft's format can use it."""

import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import safetensors.numpy

from suture.core.model.adapter_records import ADAPTER_CONFIG, ADAPTER_WEIGHTS
from suture.files.atomic import whole_directory
from suture.files.small_files import sha256_of
from suture.packs.adapters.settings import require_safetensors
from suture.packs.hugging_face.weights import read_weights

_LAYER = re.compile(r"\.layers\.(\d+)\.")


def scale_layers(adapter: Path, factors: Callable[[int], Sequence[float]], out: Path) -> str:
    """Write ``adapter`` with each layer's update multiplied, in float32; returns the SHA-256 of the new weights.

    Args:
        factors: one for each layer, given how many layers the adapter has. What lies in no layer gets the last one.

    Raises:
        BadFile: no adapter there, or its weights cannot be read.
        UsageError: ``out`` exists already.
    """
    require_safetensors(adapter)
    weights = read_weights(adapter / ADAPTER_WEIGHTS)
    layers = {name: int(found[1]) for name in weights if (found := _LAYER.search(name))}
    each = factors(1 + max(layers.values(), default=0))
    scaled = {
        name: weight.as_float32() * (each[layers.get(name, -1)] if ".lora_B." in name else 1.0)
        for name, weight in weights.items()
    }
    library: Any = safetensors.numpy  # its types are not whole
    with whole_directory(out) as partial:
        library.save_file(
            {name: values.astype("float32") for name, values in scaled.items()}, partial / ADAPTER_WEIGHTS
        )
        shutil.copyfile(adapter / ADAPTER_CONFIG, partial / ADAPTER_CONFIG)
    return sha256_of(out / ADAPTER_WEIGHTS)
