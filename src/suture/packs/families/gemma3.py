"""Gemma 3's settings, in GGUF's terms and back: text models only, as llama.cpp computes them.

llama.cpp takes for granted what a GGUF file does not say: every sixth layer sees the whole context, the others a window
with a rotary base of 10,000, and scores are scaled by the root of the head's size. Other settings are refused.
"""

from collections.abc import Callable
from typing import Any

from gguf import GGUFWriter

from suture.core.errors import UsageError

_PERIOD = 6
_LOCAL_BASE = 10_000.0


def gemma3_config(said: Callable[..., Any], head_size: int) -> dict[str, Any]:
    """What a Hugging Face configuration says beyond other architectures'. ``said`` gives a key's value."""
    whole = float(said("rope.freq_base", 1_000_000.0))
    if said("rope.scaling.type", "none") != "none" or said("attention.sliding_window_pattern", _PERIOD) != _PERIOD:
        raise _refused("rope scaling, or another pattern of windows")
    return {
        "model_type": "gemma3_text",
        "hidden_act": None,
        "hidden_activation": "gelu_pytorch_tanh",
        "query_pre_attn_scalar": head_size,
        "sliding_window": said("attention.sliding_window"),
        "layer_types": layer_types(said("block_count")),
        "rope_parameters": {
            "full_attention": {"rope_type": "default", "rope_theta": whole},
            "sliding_attention": {"rope_type": "default", "rope_theta": float(said("rope.freq_base_swa", _LOCAL_BASE))},
        },
    }


def layer_types(layers: int) -> list[str]:
    return ["sliding_attention" if (layer + 1) % _PERIOD else "full_attention" for layer in range(layers)]


def add_gemma3(writer: GGUFWriter, config: dict[str, Any], head_size: int) -> None:
    """Raises UsageError: settings that llama.cpp would not compute with."""
    rope = config["rope_parameters"]
    whole, local = rope["full_attention"], rope["sliding_attention"]
    expected = {
        "layer_types": layer_types(config["num_hidden_layers"]),
        "query_pre_attn_scalar": head_size,
        "hidden_activation": "gelu_pytorch_tanh",
        "attn_logit_softcapping": None,
        "final_logit_softcapping": None,
        "use_bidirectional_attention": False,
    }
    other = [key for key, value in expected.items() if (config.get(key) or None) != (value or None)]
    if local["rope_theta"] != _LOCAL_BASE or {whole["rope_type"], local["rope_type"]} != {"default"}:
        other.append("rope_parameters")
    if other:
        raise _refused(", ".join(other))
    writer.add_rope_freq_base(float(whole["rope_theta"]))
    writer.add_sliding_window(config["sliding_window"])


def _refused(what: str) -> UsageError:
    return UsageError(f"this Gemma 3 model has settings that are not supported: {what}", mend="use a text-only Gemma 3")
