"""Rotary positions: the settings of a Hugging Face configuration in one form, in GGUF's terms, and back."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gguf import GGUFWriter, RopeScalingType
from numpy.typing import NDArray

from suture.core.errors import BadFile, UsageError
from suture.packs.stated import Stated

DEFAULT, LINEAR, LLAMA3 = "default", "linear", "llama3"
LAYER_KINDS = ("full_attention", "sliding_attention")
_NEEDS = {
    DEFAULT: (),
    LINEAR: ("factor",),
    LLAMA3: ("factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"),
}
_META = {"low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}
"""Of Llama 3.1, 3.2 and 3.3; the factor differs."""
_DISAGREE = "and versions of transformers differ in which of the two they take"


def rope_of(
    said: Stated, *, kinds: Sequence[str], usual: float = 10_000.0, older: str = "rope_theta", layers: str | None = None
) -> dict[str, Any]:
    """Rotary settings as transformers 5 keeps them: ``rope_type``, ``rope_theta`` and what the scaling needs.

    transformers 5 writes ``rope_parameters``, in some families one group of them for each kind of layer. transformers 4
    wrote the base and ``rope_scaling`` beside each other.

    Args:
        kinds: of scaling that a pack of this family computes.
        usual: the base where none is stated.
        older: where transformers 4 kept the base.
        layers: the kind of layer whose settings are asked for, in a family that has several.

    Raises:
        BadFile: a number that is missing or cannot be.
        UsageError: another kind of scaling, or two places that contradict each other.
    """
    newer, scaling = said.part("rope_parameters"), said.part("rope_scaling")
    if newer.stated() and scaling.stated() and said.get("rope_parameters") != said.get("rope_scaling"):
        raise said.refused("rope_scaling", f"rope_parameters says otherwise, {_DISAGREE}")
    key, rope = ("rope_parameters", newer) if newer.stated() else ("rope_scaling", scaling)
    if layers and key == "rope_parameters":
        newer.finish(LAYER_KINDS)
        rope = newer.part(layers)
    elif layers and layers != "full_attention":  # transformers scales the others only
        rope = Stated({}, said.file, helps=lambda key: "")
    said.only(1, 1.0, keys=["partial_rotary_factor"])
    rope.only(1, 1.0, keys=["partial_rotary_factor"])
    if "rope_type" in rope and "type" in rope:
        rope.only(rope.get("rope_type"), keys=["type"])
    kind = rope.get("rope_type", rope.get("type", DEFAULT))
    if kind not in kinds:
        at = "rope_type" if "rope_type" in rope else "type"
        raise rope.refused(at, "the pack would not compute such positions", mend=_helps(kinds))
    inside, beside = rope.number("rope_theta", usual), said.number(older, usual)
    if "rope_theta" in rope and older in said and inside != beside:
        raise said.refused(older, f"{key} has {inside:g}, {_DISAGREE}")
    found = {"rope_type": kind, "rope_theta": inside if "rope_theta" in rope else beside}
    found |= {name: rope.number(name) for name in _NEEDS[kind]}
    rope.finish({"original_max_position_embeddings"})
    if kind == LLAMA3:
        trained = found["original_max_position_embeddings"] = int(found["original_max_position_embeddings"])
        said.only(trained, keys=["original_max_position_embeddings"])
        if found["high_freq_factor"] <= found["low_freq_factor"]:
            raise BadFile(f"{said.file}: {key}.high_freq_factor is not above low_freq_factor", mend="correct it")
    return found


def add_rope(writer: GGUFWriter, rope: Mapping[str, Any], head_size: int) -> NDArray[np.float32] | None:
    """Write what ``rope_of`` gave; also return Llama 3's frequency divisors (``rope_freqs.weight``) where needed."""
    writer.add_rope_freq_base(rope["rope_theta"])
    writer.add_rope_dimension_count(head_size)
    if rope["rope_type"] == LINEAR:
        writer.add_rope_scaling_type(RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(rope["factor"])
    return llama3_divisors(rope, head_size) if rope["rope_type"] == LLAMA3 else None


def llama3_divisors(rope: Mapping[str, Any], head_size: int) -> NDArray[np.float32]:
    """One divisor a frequency, shape (head_size / 2,): 1 for short waves, ``factor`` for long ones, between in between.

    As in Meta's reference code for Llama 3.1 (``apply_scaling``).
    """
    base, trained = rope["rope_theta"], float(rope["original_max_position_embeddings"])
    low, high, factor = (float(rope[name]) for name in ("low_freq_factor", "high_freq_factor", "factor"))
    divisors: list[float] = []
    for i in range(0, head_size, 2):
        turns = trained / (2 * math.pi * base ** (i / head_size))  # of this wave within the trained context
        share = min(1.0, max(0.0, (turns - low) / (high - low)))
        divisors.append(1 / (share + (1 - share) / factor))
    return np.array(divisors, dtype=np.float32)


def rope_of_gguf(
    said: Stated, divisors: NDArray[np.float32] | None, head_size: int, *, kinds: Sequence[str]
) -> dict[str, Any]:
    """Read the rotary settings from a GGUF file's metadata.

    Args:
        divisors: ``rope_freqs.weight``. A file holds the result of Llama 3's scaling, not its four settings; they are
            taken to be Meta's own where those give the very same divisors.

    Raises:
        UsageError: a kind of scaling whose settings cannot be told from the file, or that is not computed.
    """
    base = said.number("rope.freq_base", 10_000.0)
    factor = said.number("rope.scaling.factor", said.number("rope.scale_linear", 1.0))
    kind = said.text("rope.scaling.type", "none" if factor == 1 else LINEAR)  # what llama.cpp takes for granted
    if divisors is not None:
        rope: dict[str, Any] = {"rope_type": LLAMA3, "rope_theta": base, "factor": float(divisors.max()), **_META}
        if LLAMA3 in kinds and kind == "none" and _alike(llama3_divisors(rope, head_size), divisors):
            return rope
        raise UsageError(
            f"{said.file}: its tensor rope_freqs.weight does not scale positions as Meta's Llama 3 models do",
            mend="give the Hugging Face directory that it was made from, if rope_type in its config.json is llama3",
        )
    if kind == LINEAR:
        return {"rope_type": LINEAR, "rope_theta": base, "factor": factor}
    if kind == "none":
        return {"rope_type": DEFAULT, "rope_theta": base}
    raise said.refused("rope.scaling.type", "the pack would not compute such positions", mend=_helps(kinds))


def _alike(wanted: NDArray[np.float32], found: NDArray[np.float32]) -> bool:
    return wanted.shape == found.shape and bool(np.allclose(wanted, found, rtol=1e-4))


def _helps(kinds: Sequence[str]) -> str:
    return f"use a model whose rope_type is {' or '.join(kinds)}: its context is then the one that it was trained with"
