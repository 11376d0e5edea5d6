"""Rotary position settings of a Hugging Face configuration, in GGUF's terms."""

import math
from typing import Any

import numpy as np
from gguf import GGUFWriter, RopeScalingType
from numpy.typing import NDArray

from suture.core.errors import UsageError


def add_rope(writer: GGUFWriter, config: dict[str, Any], head_size: int) -> NDArray[np.float32] | None:
    """Write the settings; also return Llama 3's frequency divisors (``rope_freqs.weight``) where they are needed.

    Raises:
        UsageError: a kind of scaling whose pack is not tested.
    """
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    base = float(rope.get("rope_theta", config.get("rope_theta", 10000.0)))
    kind = rope.get("rope_type", rope.get("type", "default"))
    writer.add_rope_freq_base(base)
    writer.add_rope_dimension_count(head_size)
    if kind == "linear":
        writer.add_rope_scaling_type(RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(float(rope["factor"]))
    elif kind == "llama3":
        return _llama3_divisors(rope, base, head_size)
    elif kind != "default":
        raise UsageError(
            f"rope scaling {kind!r} is not supported",
            mend="convert the model with llama.cpp's converter and give the GGUF file, or use an unscaled one",
        )
    return None


def _llama3_divisors(rope: dict[str, Any], base: float, head_size: int) -> NDArray[np.float32]:
    """One divisor a frequency, shape (head_size / 2,): 1 for short waves, ``factor`` for long ones, between in between.

    As in Meta's reference code for Llama 3.1 (``apply_scaling``).
    """
    trained = float(rope["original_max_position_embeddings"])
    low, high, factor = (float(rope[name]) for name in ("low_freq_factor", "high_freq_factor", "factor"))
    divisors = []
    for i in range(0, head_size, 2):
        turns = trained / (2 * math.pi * base ** (i / head_size))  # of this wave within the trained context
        share = min(1.0, max(0.0, (turns - low) / (high - low)))
        divisors.append(1 / (share + (1 - share) / factor))
    return np.array(divisors, dtype=np.float32)
