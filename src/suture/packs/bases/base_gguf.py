"""``base.gguf`` for a base that came as a Hugging Face directory."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGUFWriter
from numpy.typing import NDArray

from suture.core.errors import BadFile
from suture.core.model.base import BASE_GGUF, HUGGING_FACE_TYPES
from suture.core.model.pack import Quantisation
from suture.files.gguf_header import MOST_ITEMS, Entry
from suture.packs.bases.vocabulary import add_vocabulary
from suture.packs.families.gemma3 import add_gemma3
from suture.packs.families.rope import add_rope
from suture.packs.gguf.layout import Layout
from suture.packs.gguf.write import write_gguf

MOST_BLOCKS = 1 << 10
"""More layers than any model has."""


def write_base_gguf(directory: Path, *, name: str, licence: str) -> None:
    """Write ``base.gguf`` (BF16) beside the weights, configuration and tokenizer it is made of.

    Raises:
        BadFile: a configuration, tokenizer or weights that cannot be read.
        UsageError: an architecture, rope scaling or tokenizer that is not supported.
    """
    config = json.loads((directory / "config.json").read_text("utf-8"))
    layout = layout_of(config, directory)
    writer = GGUFWriter(None, layout.architecture)  # only collects metadata
    writer.add_type("model")
    writer.add_name(name)
    if licence:
        writer.add_license(licence)
    try:
        frequencies = _add_parameters(writer, config)
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError, struct.error) as error:
        raise BadFile(f"{directory / 'config.json'} lacks a setting: {error}", mend="download it again") from error
    add_vocabulary(writer, directory, config["vocab_size"])
    entries = {key: Entry(kept.value, kept.type, kept.sub_type) for key, kept in writer.kv_data[0].items()}
    try:
        write_gguf(directory, entries, layout, Quantisation.BF16, directory / BASE_GGUF, rope_frequencies=frequencies)
    except (ValueError, TypeError, ArithmeticError, AttributeError, struct.error) as error:
        raise BadFile(f"{directory} cannot be written as GGUF: {error}", mend="download the model again") from error


def layout_of(config: dict[str, Any], directory: Path) -> Layout:
    """Raises BadFile: the configuration lacks a size, or has one that cannot be true."""
    try:
        for key in ("num_attention_heads", "num_hidden_layers", "vocab_size", "hidden_size", "intermediate_size"):
            if type(config[key]) is not int or not 1 <= config[key] <= MOST_ITEMS:
                raise ValueError(f"{key} is {config[key]!r}")
        heads, blocks = config["num_attention_heads"], config["num_hidden_layers"]
        kv_heads = int(config.get("num_key_value_heads") or heads)
        if blocks > MOST_BLOCKS or not 1 <= kv_heads <= heads:
            raise ValueError(f"{blocks} layers, {kv_heads} of {heads} heads for keys")
        architecture = HUGGING_FACE_TYPES.get(config["model_type"]) or str(config["model_type"])
        return Layout(
            architecture,
            blocks=blocks,
            heads=heads,
            kv_heads=kv_heads,
        )
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise BadFile(f"{directory / 'config.json'} lacks a setting: {error}", mend="download it again") from error


def _add_parameters(writer: GGUFWriter, config: dict[str, Any]) -> NDArray[np.float32] | None:
    heads, hidden = config["num_attention_heads"], config["hidden_size"]
    head_size = config.get("head_dim") or hidden // heads
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(hidden)
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(config.get("num_key_value_heads") or heads)
    if head_size * heads != hidden:
        writer.add_key_length(head_size)
        writer.add_value_length(head_size)
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_vocab_size(config["vocab_size"])
    if config["model_type"] in HUGGING_FACE_TYPES:
        add_gemma3(writer, config, head_size)
        return None
    return add_rope(writer, config, head_size)
