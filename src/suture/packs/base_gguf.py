"""``base.gguf`` for a base that came as a Hugging Face directory."""

import json
import re
from pathlib import Path
from typing import Any

from gguf import GGUFWriter

from suture.core.errors import BadFile
from suture.core.pack import Quantisation
from suture.packs.header import Entry
from suture.packs.layout import Layout
from suture.packs.rope import add_rope
from suture.packs.vocabulary import add_vocabulary
from suture.packs.write import write_gguf

BASE_GGUF = "base.gguf"


def write_base_gguf(directory: Path) -> None:
    """Write ``base.gguf`` (BF16) into a directory made by ``prepare_base``; does nothing where it is there already.

    Raises:
        BadFile: a configuration, tokenizer or weights that cannot be read.
        UsageError: an architecture, rope scaling or tokenizer that is not supported.
        Fault: the disk is full.
    """
    if (directory / BASE_GGUF).exists():
        return
    try:
        config = json.loads((directory / "config.json").read_text("utf-8"))
        architecture, heads = config["model_type"], config["num_attention_heads"]
        layout = Layout(
            architecture,
            blocks=config["num_hidden_layers"],
            heads=heads,
            kv_heads=config.get("num_key_value_heads", heads),
        )
        writer = GGUFWriter(None, architecture)  # only collects metadata
        frequencies = _add_parameters(writer, config, directory)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadFile(f"{directory} has no usable config.json: {error}", mend="prepare the base again") from error
    add_vocabulary(writer, directory, config["vocab_size"])
    entries = {key: Entry(kept.value, kept.type, kept.sub_type) for key, kept in writer.kv_data[0].items()}
    write_gguf(directory, entries, layout, Quantisation.BF16, directory / BASE_GGUF, rope_frequencies=frequencies)


def _add_parameters(writer: GGUFWriter, config: dict[str, Any], directory: Path) -> Any:
    heads, hidden = config["num_attention_heads"], config["hidden_size"]
    head_size = config.get("head_dim") or hidden // heads
    writer.add_type("model")
    writer.add_name(_name(directory))
    licence = _record(directory).get("licence")
    if licence:
        writer.add_license(licence)
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(hidden)
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(config.get("num_key_value_heads", heads))
    if head_size * heads != hidden:
        writer.add_key_length(head_size)
        writer.add_value_length(head_size)
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_vocab_size(config["vocab_size"])
    return add_rope(writer, config, head_size)


def _record(directory: Path) -> dict[str, Any]:
    file = directory / "suture.json"
    return json.loads(file.read_text("utf-8")) if file.is_file() else {}


def _name(directory: Path) -> str:
    source = str(_record(directory).get("source") or directory.name)
    return re.split(r"[/\\]", source.rstrip("/\\"))[-1]
