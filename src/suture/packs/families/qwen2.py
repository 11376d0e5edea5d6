"""Qwen 2 and 2.5: queries, keys and values have biases."""

from typing import Any

from suture.packs.families.family import Family, Shape
from suture.packs.stated import Stated


class Qwen2(Family):
    architecture = "qwen2"
    model_type = "qwen2"
    model_class = "Qwen2ForCausalLM"
    kv_heads = 32
    off = ("mlp_bias", "use_mrope", "use_qk_norm")
    bias_choices = (("q", "k", "v"),)

    def biases(self, said: Stated) -> tuple[str, ...]:
        return ("q", "k", "v")  # whatever attention_bias says: transformers does not read it

    def settings(self, said: Stated, shape: Shape) -> dict[str, Any]:
        said.only(True, keys=["attention_bias", "qkv_bias"])
        no_windows(said, shape)
        return super().settings(said, shape)


def no_windows(said: Stated, shape: Shape) -> None:
    """Raises UsageError: some layer sees a part of the context only, which llama.cpp does not compute for Qwen."""
    first, window = said.whole("max_window_layers", 28, least=0), said.get("sliding_window")
    windows = said.flag("use_sliding_window", False) and window is not None
    kinds = said.get("layer_types")
    if kinds is not None and kinds != ["full_attention"] * shape.layers:
        raise said.refused("layer_types", "llama.cpp gives every layer of this model the whole context")
    if kinds is None and windows and first < shape.layers:
        raise said.refused("use_sliding_window", "llama.cpp gives every layer of this model the whole context")
