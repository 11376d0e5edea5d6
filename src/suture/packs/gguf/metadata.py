"""A GGUF file's settings, read by allow list: sizes, positions, and what its tokenizer says."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from suture.core.errors import UsageError
from suture.files.gguf_header import Header
from suture.packs.families.family import MOST_BLOCKS, MOST_ITEMS, Family, Shape
from suture.packs.stated import Stated

_MODEL_WITHOUT_EFFECT = frozenset(
    {
        *("vocab_size", "tensor_data_layout", "attention.layer_norm_epsilon"),
        *("rope.scaling.finetuned", "rope.scaling.original_context_length"),
    }
)
"""Keys after the architecture's name that llama.cpp computes nothing with in these families."""
_TOKENIZER_WITHOUT_EFFECT = frozenset(
    {
        *("ggml.token_type_count", "huggingface.json", "chat_template", "chat_templates", "ggml.scores"),
        *(f"ggml.{role}_token_id" for role in ("seperator", "cls", "mask", "prefix", "suffix", "middle", "eot", "eom")),
        *(f"ggml.fim_{role}_token_id" for role in ("pre", "suf", "mid", "pad", "rep", "sep")),
    }
)
"""Keys after ``tokenizer.`` that change no token of a prompt."""


def model_settings(
    header: Header, source: Path, family: Family, divisors: NDArray[np.float32] | None
) -> tuple[Shape, dict[str, Any]]:
    """Sizes, and what the family's configuration says beyond them.

    Args:
        divisors: the tensor ``rope_freqs.weight``, where the file has one.

    Raises:
        BadFile: a size that is missing or cannot be.
        UsageError: a key that is not known to be carried over or without effect.
    """
    said = _stated(header, source, f"{family.architecture}.")
    hidden, heads = said.whole("embedding_length", most=MOST_ITEMS), said.whole("attention.head_count", most=MOST_ITEMS)
    head = said.whole("attention.key_length", max(1, hidden // heads), most=MOST_ITEMS)
    embeddings = header.tensors.get("token_embd.weight")
    shape = Shape(
        vocabulary=embeddings.shape[0] if embeddings else 1,
        hidden=hidden,
        inner=said.whole("feed_forward_length", most=MOST_ITEMS),
        layers=said.whole("block_count", most=MOST_BLOCKS),
        heads=heads,
        kv_heads=said.whole("attention.head_count_kv", heads, most=heads),
        head=head,
        context=said.whole("context_length"),
        epsilon=said.number("attention.layer_norm_rms_epsilon"),
        tied="output.weight" not in header.tensors,
        biases=tuple(part for part in "qkv" if f"blk.0.attn_{part}.bias" in header.tensors)
        + (("o",) if "blk.0.attn_output.bias" in header.tensors else ()),
    )
    family.require_biases(shape.biases, source)
    said.only(head, keys=["attention.value_length"], why=f"only that of a key, {head}, is carried over")
    said.only(head, keys=["rope.dimension_count"], why=f"only a head's whole size, {head}, is carried over")
    said.only(True, keys=["attention.causal"])
    said.only(False, keys=["use_parallel_residual"])
    said.only(0, keys=["expert_count", "expert_used_count", "pooling_type"])
    settings = family.settings_of_gguf(said, shape, divisors)
    said.finish(_MODEL_WITHOUT_EFFECT)
    return shape, settings


def tokenizer_settings(header: Header, source: Path) -> Stated:
    """Read what is said under ``tokenizer.``, and refuses what no prepared base could do.

    Raises:
        UsageError: a key that is not known to be carried over or without effect.
    """
    said = _stated(header, source, "tokenizer.")
    said.only(False, keys=["ggml.add_eos_token"], why="the end token (EOS) would follow every prompt")
    said.only(False, keys=[f"ggml.{key}" for key in ("add_sep_token", "remove_extra_whitespaces")])
    said.only(False, keys=["ggml.normalizer.lowercase", "ggml.normalizer.strip_accents"])
    for key in ("model", "pre", "tokens", "merges", "token_type", "add_bos_token", "add_space_prefix"):
        said.get(f"ggml.{key}")
    for role in ("bos", "eos", "unknown", "padding"):
        said.get(f"ggml.{role}_token_id")
    named = {key for key in said.stated() if key.startswith("chat_template.")}
    said.finish(_TOKENIZER_WITHOUT_EFFECT | named)
    return said


def require_model(header: Header, source: Path) -> None:
    """Raises UsageError: an adapter, or part of a model that reads pictures."""
    kind = header.get("general.type", "model")
    if kind != "model":
        raise UsageError(
            f"{source} is a GGUF file of type {kind!r}, not a model", mend="give the model's own GGUF file"
        )


def _stated(header: Header, source: Path, prefix: str) -> Stated:
    values = {key.removeprefix(prefix): entry.value for key, entry in header.entries.items() if key.startswith(prefix)}
    return Stated(values, source, helps=_helps, within=prefix)


def _helps(key: str) -> str:
    return f"use a model without it; if nothing is computed with it, gguf-new-metadata --remove-metadata {key} IN OUT"
