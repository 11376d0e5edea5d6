"""Gemma 3, text models only: most layers see a window of the context, with a rotary base of their own.

llama.cpp takes for granted what a GGUF file does not say: every sixth layer sees the whole context, the others a window
with a rotary base of 10,000, and scores are scaled by the root of the head's size. Other settings are refused.
"""

from typing import Any

import numpy as np
from gguf import GGUFWriter
from numpy.typing import NDArray

from suture.packs.families.family import Family, Shape
from suture.packs.families.rope import DEFAULT, rope_of
from suture.packs.stated import Stated

_PERIOD = 6
_BASES = {"full_attention": 1_000_000.0, "sliding_attention": 10_000.0}
"""Rotary bases that transformers takes where the configuration is silent."""
_WINDOW = 4096
_FIXED = "llama.cpp takes another for granted"


class Gemma3(Family):
    architecture = "gemma3"
    model_type = "gemma3_text"
    model_class = "Gemma3ForCausalLM"
    norms = (
        *("self_attn.q_norm.weight", "self_attn.k_norm.weight"),
        *("pre_feedforward_layernorm.weight", "post_feedforward_layernorm.weight"),
    )
    norm_shift = 1.0
    scalings = (DEFAULT,)
    kv_heads = 4
    head = 256
    tied = True
    activation = ("hidden_activation", ("gelu_pytorch_tanh",))
    off = ("attention_bias", "mlp_bias", "use_bidirectional_attention")

    def settings(self, said: Stated, shape: Shape) -> dict[str, Any]:
        said.only("gelu_pytorch_tanh", keys=["hidden_activation", "hidden_act"])
        said.only(False, keys=self.off)
        said.only(0, 0.0, keys=["attn_logit_softcapping", "final_logit_softcapping"])
        said.only(_PERIOD, keys=["sliding_window_pattern", "_sliding_window_pattern"], why=_FIXED)
        said.only(layer_types(shape.layers), keys=["layer_types"], why=_FIXED)
        if said.get("query_pre_attn_scalar", 256) != shape.head:
            raise said.refused("query_pre_attn_scalar", f"llama.cpp takes the head's size, {shape.head}, for granted")
        rope = {
            kind: rope_of(said, kinds=self.scalings, usual=base, older=older, layers=kind)
            for (kind, base), older in zip(_BASES.items(), ("rope_theta", "rope_local_base_freq"), strict=True)
        }
        where = "rope_local_base_freq" if "rope_local_base_freq" in said else "rope_parameters"
        _require_local_base(said, rope, where)
        return self._config(shape, said.whole("sliding_window", _WINDOW), rope)

    def settings_of_gguf(self, said: Stated, shape: Shape, divisors: NDArray[np.float32] | None) -> dict[str, Any]:
        said.only("none", keys=["rope.scaling.type"])
        said.only(1, 1.0, keys=["rope.scaling.factor"])
        said.only(0, 0.0, keys=["attn_logit_softcapping", "final_logit_softcapping"])
        said.only(_PERIOD, keys=["attention.sliding_window_pattern"], why=_FIXED)
        bases = {
            "full_attention": said.number("rope.freq_base", _BASES["full_attention"]),
            "sliding_attention": said.number("rope.freq_base_swa", _BASES["sliding_attention"]),
        }
        rope = {kind: {"rope_type": DEFAULT, "rope_theta": base} for kind, base in bases.items()}
        _require_local_base(said, rope, "rope.freq_base_swa")
        return self._config(shape, said.whole("attention.sliding_window"), rope)

    def _config(self, shape: Shape, window: int, rope: dict[str, Any]) -> dict[str, Any]:
        return {
            "hidden_activation": "gelu_pytorch_tanh",
            "query_pre_attn_scalar": shape.head,
            "sliding_window": window,
            "layer_types": layer_types(shape.layers),
            "rope_parameters": rope,
        }

    def add_metadata(self, writer: GGUFWriter, shape: Shape, config: dict[str, Any]) -> NDArray[np.float32] | None:
        writer.add_rope_freq_base(config["rope_parameters"]["full_attention"]["rope_theta"])
        writer.add_sliding_window(config["sliding_window"])
        return None


def _require_local_base(said: Stated, rope: dict[str, Any], key: str) -> None:
    local = rope["sliding_attention"]["rope_theta"]
    if local != _BASES["sliding_attention"]:
        raise said.refused(key, f"windows would have a rotary base of {local:g}, and {_FIXED}")


def layer_types(layers: int) -> list[str]:
    return ["sliding_attention" if (layer + 1) % _PERIOD else "full_attention" for layer in range(layers)]
