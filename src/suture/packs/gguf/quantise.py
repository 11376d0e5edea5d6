"""One tensor into one GGUF type, and the largest error that type may make."""

from typing import Any, NamedTuple

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, LlamaFileType
from gguf.quants import dequantize, quantize
from numpy.typing import NDArray

from suture.core.model.pack_manifest import Quantisation
from suture.packs.gguf.llama_quantiser import quantise_rows
from suture.packs.gguf.q4_k_m_types import q4_k_m_type
from suture.packs.hugging_face.weights import Weight

_TYPES = {
    Quantisation.BF16: GGMLQuantizationType.BF16,
    Quantisation.F16: GGMLQuantizationType.F16,
    Quantisation.Q8_0: GGMLQuantizationType.Q8_0,
}
"""Q4_K_M is a mixture: see ``mixture``."""
FILE_TYPES = {
    Quantisation.BF16: LlamaFileType.MOSTLY_BF16,
    Quantisation.F16: LlamaFileType.MOSTLY_F16,
    Quantisation.Q8_0: LlamaFileType.MOSTLY_Q8_0,
    Quantisation.Q4_K_M: LlamaFileType.MOSTLY_Q4_K_M,
}
_ENGINE_S = {GGMLQuantizationType.Q4_K, GGMLQuantizationType.Q6_K, GGMLQuantizationType.Q5_0}
"""Types that gguf cannot write: the engine's own quantiser does."""
_HALF_STEP = 2.0**-11
"""Relative rounding error of a normal float16 (11 significant bits)."""
_HALF_FLOOR = 2.0**-25
"""Absolute rounding error of a subnormal float16."""
_SMALLEST_STEP = np.finfo(np.float32).smallest_subnormal
_SMALLEST = 1e-30
"""Nothing beside Q8_0's own error, and a block of nothing greater has a scale whose inverse overflows."""
ENDLESS = float(np.finfo(np.float32).max)
"""Stands for an error without limit: JSON has no infinity."""


class RoundingError(NamedTuple):
    """``largest`` and ``bound`` where the error comes nearest to its bound (or furthest beyond)."""

    largest: float
    bound: float


def type_of(
    name: str, shape: tuple[int, ...], quantisation: Quantisation, *, blocks: int, tied: bool
) -> GGMLQuantizationType:
    """Vectors (norms, biases) stay F32, as llama.cpp needs; rows that do not fill blocks fall back to F16."""
    if len(shape) < 2:
        return GGMLQuantizationType.F32
    if quantisation is Quantisation.Q4_K_M:
        return q4_k_m_type(name, shape[-1], blocks=blocks, tied=tied)
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
    if kind in _ENGINE_S:
        return quantise_rows(numbers, kind)
    with np.errstate(over="ignore"):  # beyond float16: kept as infinite, and the proof then fails
        return quantize(numbers, kind)


def decode(data: NDArray[Any], kind: GGMLQuantizationType, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """``data`` is a tensor's bytes as they lie in the file."""
    if kind == GGMLQuantizationType.F32:
        return data.view("<f4").reshape(shape)
    if kind == GGMLQuantizationType.F16:
        return data.view("<f2").astype(np.float32).reshape(shape)
    return dequantize(data, kind).reshape(shape)


def worst_error(packed: NDArray[np.float32], wanted: NDArray[np.float32], kind: GGMLQuantizationType) -> RoundingError:
    """Compare element by element against the bound that holds there; not-a-number is an endless error.

    - F32, BF16: exact, bound 0 (Suture's merged weights are BF16).
    - F16: half a unit in the last place, ``max(|x| 2^-11, 2^-25)``.
    - Q4_K, Q6_K, Q5_0: see ``_of_q4_k``, ``_of_q6_k`` and ``_of_q5_0``.
    - Q8_0, blocks of 32 with scale d = max|x| / 127 kept as F16: ``d/2`` from rounding the integer, and 127 times the
      scale's own F16 rounding.
    """
    with np.errstate(invalid="ignore"):  # inf - inf
        error = np.abs(packed - wanted)
    error = np.where(np.isfinite(error), error, np.float32(ENDLESS))
    if kind in {GGMLQuantizationType.F32, GGMLQuantizationType.BF16}:
        other_sign = np.signbit(packed) != np.signbit(wanted)  # of a zero, which subtraction cannot see
        return RoundingError(float(np.maximum(error, np.where(other_sign, _SMALLEST_STEP, np.float32(0))).max()), 0.0)
    if kind == GGMLQuantizationType.F16:
        bound = np.maximum(np.abs(wanted) * _HALF_STEP, _HALF_FLOOR)
    elif kind == GGMLQuantizationType.Q4_K:
        error, bound = _of_q4_k(error, wanted)
    elif kind == GGMLQuantizationType.Q6_K:
        error, bound = _of_q6_k(error, wanted)
    elif kind == GGMLQuantizationType.Q5_0:
        error, bound = _of_q5_0(error, wanted)
    else:
        # (blocks, 32) -> one error and one bound a block
        error = error.reshape(-1, 32).max(axis=1)
        scale = np.abs(wanted).reshape(-1, 32).max(axis=1) / 127
        # 2^-18: the division x / d itself is rounded to 24 bits, 127 steps of it.
        bound = scale * (0.5 + 2.0**-18) + 127 * np.maximum(scale * _HALF_STEP, _HALF_FLOOR)
    at = np.unravel_index(np.argmax(error / bound.astype(np.float64)), error.shape)
    return RoundingError(float(error[at]), float(bound[at]))


def _half_rounding(scale: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.maximum(scale * _HALF_STEP, _HALF_FLOOR)


def _of_q5_0(error: NDArray[np.float32], wanted: NDArray[np.float32]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Blocks of 32, levels -16..15 of the scale d = max|x| / 16, whose sign is that of the largest value.

    Half a step from rounding, but a whole one at the end that has no level 16; and 16 times the scale's F16 rounding.
    """
    scale = np.abs(wanted).reshape(-1, 32).max(axis=1) / 16
    return error.reshape(-1, 32).max(axis=1), scale * (1 + 2.0**-18) + 16 * _half_rounding(scale)


def _of_q4_k(error: NDArray[np.float32], wanted: NDArray[np.float32]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Blocks of 256 in 8 parts of 32; a part has levels 0..15 of its own scale s, less its own minimum m.

    The encoder makes a weighted squared error small, not the largest error, so that is what is bounded: the root of the
    mean of e^2 with weights w = rms(x) + |x| in a part. With R the part's range, zero included:

    - it begins with s = R / 15, where every |e| <= R / 30, and takes another (s, m) only for a smaller weighted error;
    - the parts' scales and minima are then kept in 6 bits of the block's largest, which moves a level by at most 15/126
      of the largest s and 1/126 of the largest m. Least squares over rounded levels gives s <= 2 R / 14, and so
      m <= 15 s <= 2.15 R: together (15 * 0.143 + 2.15) / 126 = 0.0342 of the block's largest R;
    - both are multiples of an F16: 2^-11 of 15 s and m, 0.0021 of it (where subnormal, 2^-25 times 63 * 16);
    - rounding to the nearest level again, with what was kept, does not add to the error.
    """
    x = wanted.reshape(-1, 8, 32)
    ranges = np.maximum(x.max(axis=2), 0) - np.minimum(x.min(axis=2), 0)  # (blocks, 8)
    weights = np.sqrt(np.square(x, dtype=np.float64).mean(axis=2, keepdims=True)) + np.abs(x)
    squares = np.square(error.reshape(-1, 8, 32), dtype=np.float64)
    total = weights.sum(axis=2)
    rms: NDArray[np.float64] = np.sqrt((weights * squares).sum(axis=2) / np.where(total > 0, total, 1))
    rms = np.where(total > 0, rms, np.sqrt(squares.max(axis=2)))
    return rms, ranges / 30 + 0.0363 * ranges.max(axis=1, keepdims=True) + 1008 * _HALF_FLOOR


def _of_q6_k(error: NDArray[np.float32], wanted: NDArray[np.float32]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Blocks of 256 in 16 parts of 16; a part has levels -32..31 of its own scale s.

    With a the part's largest |x| and A the block's: the encoder tries s from a / 32.9 to a / 31.1 and fits it to the
    rounded levels by least squares weighted by x^2, which moves it by at most 5% (one level of 32 carries the fit).
    A value is then half a step off, or beyond the last level by at most a - 31 * 0.95 a / 32.9 = 0.105 a. Scales are
    kept in 8 bits of the largest: 32 levels of A / 31.1 * 1.05 / 128 are 0.0085 A, and F16 rounds that by 2^-11.
    """
    parts = np.abs(wanted).reshape(-1, 16, 16).max(axis=2)  # (blocks, 16)
    bound = 0.105 * parts + 0.009 * parts.max(axis=1, keepdims=True) + 32 * 128 * _HALF_FLOOR
    return error.reshape(-1, 16, 16).max(axis=2), bound
