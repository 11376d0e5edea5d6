"""What differs between families of models, and what they have in common.

A family is one file beside this one and one row in ``table``.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from gguf import GGUFWriter
from numpy.typing import NDArray

from suture.core.errors import UsageError
from suture.packs.families.rope import DEFAULT, LINEAR, add_rope, rope_of, rope_of_gguf
from suture.packs.stated import Stated

MOST_BLOCKS = 1 << 10
"""More layers than any model has."""
MOST_ITEMS = 1 << 23
"""More tokens or columns than any model has."""

WITHOUT_EFFECT = frozenset(
    {
        *("architectures", "model_type", "transformers_version", "torch_dtype", "dtype", "_name_or_path"),
        *("name_or_path", "initializer_range", "use_cache", "attention_dropout", "pretraining_tp", "is_llama_config"),
        *("_attn_implementation", "_attn_implementation_autoset", "attn_implementation", "cache_implementation"),
        *("transformers.js_config", "unsloth_fixed", "unsloth_version", "neftune_noise_alpha", "hidden_dropout"),
        *("resid_pdrop", "embd_pdrop", "output_attentions", "output_hidden_states", "output_scores", "return_dict"),
        *("return_dict_in_generate", "torchscript", "use_bfloat16", "finetuning_task", "problem_type", "id2label"),
        *("label2id", "task_specific_params", "keys_to_ignore_at_inference", "prefix", "tokenizer_class"),
        *("max_length", "min_length", "do_sample", "num_beams", "early_stopping", "num_beam_groups"),
        *("diversity_penalty", "temperature", "top_k", "top_p", "typical_p", "repetition_penalty", "length_penalty"),
        *("no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "num_return_sequences", "remove_invalid_values"),
        *("exponential_decay_length_penalty", "suppress_tokens", "begin_suppress_tokens", "forced_bos_token_id"),
        *("forced_eos_token_id", "decoder_start_token_id", "bad_words_ids", "sep_token_id", "unk_token_id"),
        *("license", "rope_type"),
    }
)
"""Keys of ``config.json`` that nothing is computed with when a causal model answers: how it was made, trained, saved or
sampled from."""


@dataclass(frozen=True)
class Shape:
    """Sizes that every family has. ``biases`` names the attention matrices with a bias: some of q, k, v, o."""

    vocabulary: int
    hidden: int
    inner: int
    layers: int
    heads: int
    kv_heads: int
    head: int
    context: int
    epsilon: float
    tied: bool
    biases: tuple[str, ...] = ()


class Family:
    """A dense model of llama's kind: grouped-query attention with rotary positions, and a gated feed-forward part.

    Attributes:
        architecture: GGUF's ``general.architecture``.
        model_type, model_class: transformers' names, in ``config.json``.
        norms: tensors of a block beyond those that every family has.
        norm_shift: what llama.cpp adds to a norm's weights.
        turns_pairs: llama.cpp rotates neighbouring rows of a head, transformers row i with row i + d/2.
        scalings: kinds of rotary scaling that both compute alike.
        kv_heads, head: what transformers takes where the configuration is silent; None is derived from other sizes.
    """

    architecture: ClassVar[str]
    model_type: ClassVar[str]
    model_class: ClassVar[str]
    norms: ClassVar[tuple[str, ...]] = ()
    norm_shift: ClassVar[float] = 0.0
    turns_pairs: ClassVar[bool] = False
    scalings: ClassVar[tuple[str, ...]] = (DEFAULT, LINEAR)
    kv_heads: ClassVar[int | None] = None
    head: ClassVar[int | None] = None
    tied: ClassVar[bool] = False
    bias_choices: ClassVar[tuple[tuple[str, ...], ...]] = ((),)
    """Sets of attention matrices that may have biases."""
    activation: ClassVar[tuple[str, tuple[str, ...]]] = ("hidden_act", ("silu", "swish"))
    off: ClassVar[tuple[str, ...]] = ("attention_bias", "mlp_bias")
    """Keys that may only be false."""

    def shape(self, said: Stated) -> Shape:
        """The sizes that a ``config.json`` states."""
        hidden, heads = said.whole("hidden_size", most=MOST_ITEMS), said.whole("num_attention_heads", most=MOST_ITEMS)
        return Shape(
            vocabulary=said.whole("vocab_size", most=MOST_ITEMS),
            hidden=hidden,
            inner=said.whole("intermediate_size", most=MOST_ITEMS),
            layers=said.whole("num_hidden_layers", most=MOST_BLOCKS),
            heads=heads,
            kv_heads=said.whole("num_key_value_heads", self.kv_heads or heads, most=heads),
            head=said.whole("head_dim", self.head or max(1, hidden // heads), most=MOST_ITEMS),
            context=said.whole("max_position_embeddings"),
            epsilon=said.number("rms_norm_eps"),
            tied=said.flag("tie_word_embeddings", self.tied),
            biases=self.biases(said),
        )

    def biases(self, said: Stated) -> tuple[str, ...]:
        """Attention matrices with a bias, by a ``config.json``."""
        return ()

    def require_biases(self, found: tuple[str, ...], source: Path) -> None:
        """Raises UsageError: biases that transformers would not compute with in this family, or too few."""
        if found not in self.bias_choices:
            raise UsageError(
                f"{source} has biases of attention matrices that do not belong to {self.architecture}: "
                f"{', '.join(found) or 'none'}",
                mend="use a model without added parts",
            )

    def settings(self, said: Stated, shape: Shape) -> dict[str, Any]:
        """Entries of transformers' configuration beyond the sizes, normalised.

        Raises:
            UsageError: a setting that llama.cpp would not compute with.
        """
        key, allowed = self.activation
        said.only(*allowed, keys=[key])
        said.only(False, keys=self.off)
        return {key: allowed[0], "rope_parameters": rope_of(said, kinds=self.scalings)}

    def add_metadata(self, writer: GGUFWriter, shape: Shape, config: dict[str, Any]) -> NDArray[np.float32] | None:
        """Write what ``settings`` gave in GGUF's terms; also returns ``rope_freqs.weight`` where it is needed."""
        return add_rope(writer, config["rope_parameters"], shape.head)

    def settings_of_gguf(self, said: Stated, shape: Shape, divisors: NDArray[np.float32] | None) -> dict[str, Any]:
        """Read ``settings`` from a GGUF file's keys without the architecture before them."""
        key, allowed = self.activation
        return {key: allowed[0], "rope_parameters": rope_of_gguf(said, divisors, shape.head, kinds=self.scalings)}

    def config(self, shape: Shape, settings: dict[str, Any]) -> dict[str, Any]:
        """``config.json`` as transformers 5 writes it."""
        return {
            "architectures": [self.model_class],
            "model_type": self.model_type,
            "dtype": "bfloat16",
            "vocab_size": shape.vocabulary,
            "hidden_size": shape.hidden,
            "intermediate_size": shape.inner,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "num_key_value_heads": shape.kv_heads,
            "head_dim": shape.head,
            "max_position_embeddings": shape.context,
            "rms_norm_eps": shape.epsilon,
            "tie_word_embeddings": shape.tied,
            "attention_bias": bool(shape.biases),
        } | settings

    def tensors(self, shape: Shape) -> dict[str, tuple[int, ...]]:
        """Every tensor of such a model by transformers' name, with its shape (rows, columns)."""
        wide, narrow = shape.heads * shape.head, shape.kv_heads * shape.head
        rows = {"q": wide, "k": narrow, "v": narrow, "o": shape.hidden}
        block: dict[str, tuple[int, ...]] = {
            "input_layernorm.weight": (shape.hidden,),
            "post_attention_layernorm.weight": (shape.hidden,),
            **{f"self_attn.{part}_proj.weight": (rows[part], shape.hidden) for part in "qkv"},
            "self_attn.o_proj.weight": (shape.hidden, wide),
            **{f"self_attn.{part}_proj.bias": (rows[part],) for part in shape.biases},
            "mlp.gate_proj.weight": (shape.inner, shape.hidden),
            "mlp.up_proj.weight": (shape.inner, shape.hidden),
            "mlp.down_proj.weight": (shape.hidden, shape.inner),
            **{name: (shape.head if name.startswith("self_attn.") else shape.hidden,) for name in self.norms},
        }
        found: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (shape.vocabulary, shape.hidden)}
        for layer in range(shape.layers):
            found |= {f"model.layers.{layer}.{name}": size for name, size in block.items()}
        found["model.norm.weight"] = (shape.hidden,)
        return found if shape.tied else found | {"lm_head.weight": (shape.vocabulary, shape.hidden)}
