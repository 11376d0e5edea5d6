"""Weights rounded to BF16, into one safetensors file."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType
from gguf.quants import quantize
from numpy.typing import NDArray
from safetensors import TensorSpec, serialize_file

from suture.packs.hugging_face.weights import Weight


def bf16_patterns(weight: Weight) -> NDArray[np.uint16]:
    """Rounded to the nearest, ties to even; as it is where it is BF16 already."""
    if weight.kind == "BF16":
        return np.ascontiguousarray(weight.stored).view(np.uint16)
    numbers = np.ascontiguousarray(weight.as_float32())
    return quantize(numbers, GGMLQuantizationType.BF16).view(np.uint16).reshape(numbers.shape)


def write_bf16(weights: Iterable[Weight], out: Path) -> int:
    """Write ``out``; return the number of parameters. All of it is in memory at once: 2 bytes a parameter."""
    kept = {weight.name: bf16_patterns(weight) for weight in weights}
    specs = {
        name: TensorSpec(dtype="bfloat16", shape=array.shape, data_ptr=array.ctypes.data, data_len=array.nbytes)
        for name, array in kept.items()
    }
    serialize_file(specs, out, metadata={"format": "pt"})
    return sum(array.size for array in kept.values())
