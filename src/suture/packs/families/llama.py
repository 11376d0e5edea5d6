"""Llama, and the many models of its architecture: SmolLM2, MiniCPM5, Llama 3."""

from suture.packs.families.family import Family
from suture.packs.families.rope import DEFAULT, LINEAR, LLAMA3
from suture.packs.stated import Stated


class Llama(Family):
    architecture = "llama"
    model_type = "llama"
    model_class = "LlamaForCausalLM"
    turns_pairs = True
    scalings = (DEFAULT, LINEAR, LLAMA3)
    off = ("mlp_bias", "rope_interleaved", "qk_layer_norms")
    bias_choices = ((), ("q", "k", "v", "o"))

    def biases(self, said: Stated) -> tuple[str, ...]:
        return ("q", "k", "v", "o") if said.flag("attention_bias", False) else ()
