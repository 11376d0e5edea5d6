"""One tensor into one GGUF type, and the largest error that type may make."""

from typing import Any, NamedTuple

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, LlamaFileType
from gguf.quants import dequantize, quantize
from numpy.typing import NDArray

from suture.core.pack import Quantisation
from suture.packs.weights import Weight

_TYPES = {
    Quantisation.BF16: GGMLQuantizationType.BF16,
    Quantisation.F16: GGMLQuantizationType.F16,
    Quantisation.Q8_0: GGMLQuantizationType.Q8_0,
}
FILE_TYPES = {
    Quantisation.BF16: LlamaFileType.MOSTLY_BF16,
    Quantisation.F16: LlamaFileType.MOSTLY_F16,
    Quantisation.Q8_0: LlamaFileType.MOSTLY_Q8_0,
}
_HALF_STEP = 2.0**-11
"""Relative rounding error of a normal float16 (11 significant bits)."""
_HALF_FLOOR = 2.0**-25
"""Absolute rounding error of a subnormal float16."""
_SMALLEST_STEP = np.finfo(np.float32).smallest_subnormal
_SMALLEST = 1e-30
"""Nothing beside Q8_0's own error, and a block of nothing greater has a scale whose inverse overflows."""
ENDLESS = float(np.finfo(np.float32).max)
"""Stands for an error without limit: JSON has no infinity."""


class Error(NamedTuple):
    """``largest`` and ``bound`` where the error comes nearest to its bound (or furthest beyond)."""

    largest: float
    bound: float


def type_of(shape: tuple[int, ...], quantisation: Quantisation) -> GGMLQuantizationType:
    """Vectors (norms, biases) stay F32, as llama.cpp needs; rows that do not fill blocks fall back to F16."""
    if len(shape) < 2:
        return GGMLQuantizationType.F32
    wanted = _TYPES[quantisation]
    return wanted if shape[-1] % GGML_QUANT_SIZES[wanted][0] == 0 else GGMLQuantizationType.F16


def nbytes(shape: tuple[int, ...], kind: GGMLQuantizationType) -> int:
    block, block_bytes = GGML_QUANT_SIZES[kind]
    return int(np.prod(shape, dtype=np.int64)) // block * block_bytes


def encode(weight: Weight, kind: GGMLQuantizationType) -> NDArray[Any]:
    """The tensor as ``kind``: bytes for block types, otherwise one number an element."""
    if kind == GGMLQuantizationType.BF16 and weight.kind == "BF16":
        return np.ascontiguousarray(weight.stored)
    numbers = np.array(weight.as_float32())
    if kind == GGMLQuantizationType.Q8_0:
        numbers[np.abs(numbers) < _SMALLEST] = 0
    with np.errstate(over="ignore"):  # beyond float16: kept as infinite, and the proof then fails
        return quantize(numbers, kind)


def decode(data: NDArray[Any], kind: GGMLQuantizationType, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """``data`` is a tensor's bytes as they lie in the file."""
    if kind == GGMLQuantizationType.F32:
        return data.view("<f4").reshape(shape)
    if kind == GGMLQuantizationType.F16:
        return data.view("<f2").astype(np.float32).reshape(shape)
    return dequantize(data, kind).reshape(shape)


def worst_error(packed: NDArray[np.float32], wanted: NDArray[np.float32], kind: GGMLQuantizationType) -> Error:
    """Compare element by element against the bound that holds there; not-a-number is an endless error.

    - F32, BF16: exact, bound 0 (Suture's merged weights are BF16).
    - F16: half a unit in the last place, ``max(|x| 2^-11, 2^-25)``.
    - Q8_0, blocks of 32 with scale d = max|x| / 127 kept as F16: ``d/2`` from rounding the integer, and 127 times the
      scale's own F16 rounding.
    """
    with np.errstate(invalid="ignore"):  # inf - inf
        error = np.abs(packed - wanted)
    error = np.where(np.isfinite(error), error, np.float32(ENDLESS))
    if kind in {GGMLQuantizationType.F32, GGMLQuantizationType.BF16}:
        other_sign = np.signbit(packed) != np.signbit(wanted)  # of a zero, which subtraction cannot see
        return Error(float(np.maximum(error, np.where(other_sign, _SMALLEST_STEP, np.float32(0))).max()), 0.0)
    if kind == GGMLQuantizationType.F16:
        bound = np.maximum(np.abs(wanted) * _HALF_STEP, _HALF_FLOOR)
    else:
        # (blocks, 32) -> one error and one bound a block
        error = error.reshape(-1, 32).max(axis=1)
        scale = np.abs(wanted).reshape(-1, 32).max(axis=1) / 127
        # 2^-18: the division x / d itself is rounded to 24 bits, 127 steps of it.
        bound = scale * (0.5 + 2.0**-18) + 127 * np.maximum(scale * _HALF_STEP, _HALF_FLOOR)
    at = np.unravel_index(np.argmax(error / bound.astype(np.float64)), error.shape)
    return Error(float(error[at]), float(bound[at]))
