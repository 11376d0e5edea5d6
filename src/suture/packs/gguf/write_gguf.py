"""Merged weights into one GGUF file."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFValueType, GGUFWriter, Keys

from suture.core.errors import BadFile
from suture.core.model.base import BASE_GGUF
from suture.core.model.pack_manifest import Quantisation
from suture.files.atomic import whole_file
from suture.files.gguf_header import Entry, Header, read_header
from suture.packs.gguf.layout import ROPE_FREQUENCIES, Layout
from suture.packs.gguf.lineage_keys import ANCESTRY, standard_lineage
from suture.packs.gguf.pack_info import LINEAGE, NORMALISE
from suture.packs.gguf.quantise import FILE_TYPES, encode, nbytes, type_of
from suture.packs.hugging_face.weights import Weight, open_weights

_OURS = {Keys.General.ARCHITECTURE, Keys.General.FILE_TYPE, Keys.General.QUANTIZATION_VERSION, "general.alignment"}
"""Keys that are written anew rather than copied."""
_BLOCK_FORMAT = 2
"""``general.quantization_version``: ggml's GGML_QNT_VERSION since 2023."""


def write_pack(merged: Path, base: Path, quantisation: Quantisation, out: Path, *, lineage: Mapping[str, str]) -> str:
    """Write the weights of ``merged`` with the tokenizer, template and hyper-parameters of ``base/base.gguf``.

    Besides ``suture.*`` keys the lineage is told in the GGUF specification's own: ``general.base_model.*``,
    ``general.dataset.*``, ``general.finetune`` and ``general.license``.

    Args:
        merged: directory of safetensors in Hugging Face layout.
        base: directory made by ``prepare_base``.
        out: the GGUF file; appears whole or not at all.
        lineage: written as ``suture.<key>``, so that the file explains itself; the base's own lineage is dropped.

    Returns:
        SHA-256 of the file.

    Raises:
        BadFile: weights missing, or not those of this base.
        DiskFull: nothing half-written is left.
    """
    source = base / BASE_GGUF
    template = read_header(source)
    kept = {NORMALISE}  # the base's own, unlike its lineage
    entries = {key: e for key, e in template.entries.items() if key in kept or not key.startswith(LINEAGE)}
    if "adapter" in lineage:
        entries = {key: entry for key, entry in entries.items() if not key.startswith(ANCESTRY)}
        entries |= standard_lineage(lineage)
    for key, text in sorted(lineage.items()):
        entries[LINEAGE + key] = Entry(text, GGUFValueType.STRING)
    frequencies = _rope_frequencies(base / "base.gguf", template)
    return write_gguf(
        merged, entries, Layout.of(template, base / "base.gguf"), quantisation, out, rope_frequencies=frequencies
    )


def write_gguf(
    weights: Path,
    entries: Mapping[str, Entry],
    layout: Layout,
    quantisation: Quantisation,
    out: Path,
    *,
    rope_frequencies: np.ndarray | None = None,
) -> str:
    """``weights`` (a directory) and metadata into ``out``; see ``write_pack``. Streams one tensor at a time."""
    tensors = _named(open_weights(weights), layout, weights)
    with whole_file(out) as partial:
        writer = GGUFWriter(partial, layout.architecture)
        try:
            for key, entry in entries.items():
                if key not in _OURS:
                    writer.add_key_value(key, entry.value, entry.type, entry.item)
            writer.add_file_type(FILE_TYPES[quantisation])
            writer.add_quantization_version(_BLOCK_FORMAT)
            if rope_frequencies is not None:
                writer.add_tensor_info(
                    ROPE_FREQUENCIES, rope_frequencies.shape, rope_frequencies.dtype, rope_frequencies.nbytes
                )
            tied = "output.weight" not in tensors
            kinds = {
                name: type_of(name, weight.stored.shape, quantisation, blocks=layout.blocks, tied=tied)
                for name, weight in tensors.items()
            }
            for name, weight in tensors.items():
                shape = weight.stored.shape
                writer.add_tensor_info(name, shape, np.dtype(np.float32), nbytes(shape, kinds[name]), kinds[name])
            writer.write_header_to_file()
            writer.write_kv_data_to_file()
            writer.write_ti_data_to_file()
            if rope_frequencies is not None:
                writer.write_tensor_data(rope_frequencies)
            for name, weight in tensors.items():
                writer.write_tensor_data(encode(weight, kinds[name]))
        finally:
            writer.close()
        with partial.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    return digest


def _named(weights: Mapping[str, Weight], layout: Layout, directory: Path) -> dict[str, Weight]:
    """Weights by GGUF name, rows in GGUF's order, embeddings first and then layer by layer."""
    named: dict[str, Weight] = {}
    for source, weight in weights.items():
        name = layout.name(source)
        if name in named:
            raise BadFile(f"{directory} has two tensors for {name!r}", mend="merge again into an empty directory")
        named[name] = layout.to_gguf(weight)
    return dict(sorted(named.items(), key=lambda item: _order(item[0])))


def _order(name: str) -> tuple[int, int, str]:
    if name.startswith("blk."):
        return 1, int(name.split(".")[1]), name
    return (0 if name.startswith("token_embd") else 2), 0, name


def _rope_frequencies(path: Path, header: Header) -> np.ndarray | None:
    place = header.tensors.get(ROPE_FREQUENCIES)
    if place is None or place.type != GGMLQuantizationType.F32:
        return None
    return np.fromfile(path, dtype="<f4", count=place.nbytes // 4, offset=place.start)
