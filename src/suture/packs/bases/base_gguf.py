"""``base.gguf`` for a base that came as a Hugging Face directory."""

import struct
from pathlib import Path
from typing import Any

from gguf import GGUFWriter

from suture.core.errors import BadFile
from suture.core.model.base import BASE_GGUF
from suture.core.model.pack_manifest import Quantisation
from suture.files.gguf_header import Entry
from suture.packs.bases.vocabulary import add_vocabulary
from suture.packs.families.family import Family, Shape
from suture.packs.gguf.layout import Layout
from suture.packs.gguf.write_gguf import write_gguf
from suture.packs.hugging_face.config import ModelConfig
from suture.packs.hugging_face.tokenizer import ModelTokenizer


def write_base_gguf(
    directory: Path, model: ModelConfig, tokenizer: ModelTokenizer, *, source: Path, name: str, licence: str
) -> None:
    """Write ``base.gguf`` (BF16) into ``directory``, beside the weights it is made of.

    Raises:
        BadFile: settings that GGUF cannot hold.
        UsageError: a tokenizer that llama.cpp cannot compute.
    """
    family, shape = model.family, model.shape
    writer = GGUFWriter(None, family.architecture)  # only collects metadata
    writer.add_type("model")
    writer.add_name(name)
    if licence:
        writer.add_license(licence)
    try:
        _add_sizes(writer, family, shape)
        frequencies = family.add_metadata(writer, shape, model.settings)
        add_vocabulary(writer, tokenizer, source)
        entries = {key: Entry(kept.value, kept.type, kept.sub_type) for key, kept in writer.kv_data[0].items()}
        layout = Layout(
            family.architecture, blocks=shape.layers, heads=shape.heads, kv_heads=shape.kv_heads, source=source
        )
        write_gguf(directory, entries, layout, Quantisation.BF16, directory / BASE_GGUF, rope_frequencies=frequencies)
    except (ValueError, TypeError, ArithmeticError, AttributeError, struct.error) as error:
        raise BadFile(f"{source} cannot be written as GGUF: {error}", mend="download the model again") from error


def _add_sizes(writer: GGUFWriter, family: Family, shape: Shape) -> Any:
    writer.add_block_count(shape.layers)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.hidden)
    writer.add_feed_forward_length(shape.inner)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    if shape.head * shape.heads != shape.hidden:
        writer.add_key_length(shape.head)
        writer.add_value_length(shape.head)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    writer.add_vocab_size(shape.vocabulary)
