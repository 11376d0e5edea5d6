"""Qwen 3 (dense): queries and keys are normalised head by head."""

from typing import Any

from suture.packs.families.family import Family, Shape
from suture.packs.families.qwen2 import no_windows
from suture.packs.stated import Stated


class Qwen3(Family):
    architecture = "qwen3"
    model_type = "qwen3"
    model_class = "Qwen3ForCausalLM"
    norms = ("self_attn.q_norm.weight", "self_attn.k_norm.weight")
    kv_heads = 32
    head = 128
    off = ("attention_bias", "qkv_bias", "mlp_bias", "use_mrope")

    def settings(self, said: Stated, shape: Shape) -> dict[str, Any]:
        said.only(True, keys=["use_qk_norm"])
        no_windows(said, shape)
        return super().settings(said, shape)
