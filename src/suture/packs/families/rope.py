"""Rotary position settings of a Hugging Face configuration, in GGUF's terms."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGUFWriter, RopeScalingType
from numpy.typing import NDArray

from suture.core.errors import UsageError

_META = {
    "rope_type": "llama3",
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 8192,
}
"""Of Llama 3.1, 3.2 and 3.3; the factor differs."""


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
        return llama3_divisors(rope, base, head_size)
    elif kind != "default":
        raise UsageError(
            f"rope scaling {kind!r} is not supported",
            mend="convert the model with llama.cpp's converter and give the GGUF file, or use an unscaled one",
        )
    return None


def llama3_divisors(rope: dict[str, Any], base: float, head_size: int) -> NDArray[np.float32]:
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


def rope_parameters(
    said: Callable[..., Any], divisors: NDArray[np.float32] | None, head_size: int, source: Path
) -> dict[str, Any]:
    """The other way: ``rope_parameters`` of a Hugging Face configuration from a GGUF file's metadata.

    Args:
        said: gives the value of a key without the architecture before it.
        divisors: ``rope_freqs.weight``. A file holds the result of Llama 3's scaling, not its four settings; they are
            taken to be Meta's own where those give the very same divisors.

    Raises:
        UsageError: a kind of scaling whose settings cannot be told from the file.
    """
    base = float(said("rope.freq_base", 10000.0))
    kind = said("rope.scaling.type", "none")
    if divisors is not None:
        rope = {**_META, "rope_theta": base, "factor": float(divisors.max())}
        if np.allclose(llama3_divisors(rope, base, head_size), divisors, rtol=1e-4):
            return rope
        kind = "rope_freqs"
    if kind == "linear":
        return {"rope_type": "linear", "rope_theta": base, "factor": float(said("rope.scaling.factor", 1.0))}
    if kind == "none":
        return {"rope_type": "default", "rope_theta": base}
    raise UsageError(
        f"{source} has rope scaling of a kind that is not supported: {kind}",
        mend="give the Hugging Face directory that it was made from",
    )
