"""A Hugging Face directory into one with BF16 safetensors and ``base.gguf``."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from suture.core.digest import digest_of
from suture.core.errors import BadFile, UsageError
from suture.core.model.base import (
    BASE_GGUF,
    HUGGING_FACE_TYPES,
    SUPPORTED_ARCHITECTURES,
    TOKENIZER_FILES,
    WEIGHTS,
    BaseRecord,
)
from suture.files.read_write import read_json, require_inside, sha256_of, write_json
from suture.packs.bases.base_gguf import layout_of, write_base_gguf
from suture.packs.gguf.layout import Layout
from suture.packs.gguf.read import read_info
from suture.packs.hugging_face.bf16 import write_bf16
from suture.packs.hugging_face.weights import Weight, open_weights


def convert_directory(source: Path, out: Path, name: str) -> BaseRecord:
    """Round the weights of ``source`` to BF16 in ``out``, copy its tokenizer, and write ``base.gguf``.

    Raises:
        BadFile: no configuration, weights or tokenizer that can be read, or pickled weights.
        UsageError: an architecture, tokenizer, rope scaling or tensor that is not supported.
    """
    require_inside(source)
    config = _config(source)
    model_type = str(config.get("model_type"))
    architecture = HUGGING_FACE_TYPES.get(model_type, model_type)
    if architecture not in SUPPORTED_ARCHITECTURES:
        raise UsageError(
            f"{source} is of architecture {model_type!r}, which is not supported",
            mend=f"use a model of one of these architectures: {', '.join(SUPPORTED_ARCHITECTURES)}",
        )
    if "quantization_config" in config:
        raise UsageError(f"the weights of {source} are quantised", mend="use the model they were made from")
    if not list(source.glob("*.safetensors")):
        raise BadFile(
            f"{source} has no safetensors files (pickled weights are not read: they can run code)",
            mend="use the model's safetensors files",
        )
    for file in TOKENIZER_FILES:  # copied as they are: a library's opinion of a tokenizer is not the model's
        if (source / file).is_file():
            shutil.copyfile(source / file, out / file)
    config.pop("auto_map", None)  # names code in the directory
    config.pop("torch_dtype", None)
    write_json(out / "config.json", config | {"dtype": "bfloat16"})
    tied = bool(config.get("tie_word_embeddings", False))
    parameters = write_bf16(_weights(source, layout_of(config, source), tied=tied), out / WEIGHTS)
    licence = _licence(source / "README.md")
    write_base_gguf(out, name=re.split(r"[/\\]", name.rstrip("/\\"))[-1], licence=licence)
    files = sorted(file for file in source.iterdir() if file.suffix in {".safetensors", ".json", ".jinja"})
    packed = read_info(out / BASE_GGUF)
    return BaseRecord(
        source=name,
        source_sha256=digest_of({file.name: sha256_of(file) for file in files}),
        architecture=architecture,
        weights_sha256=sha256_of(out / WEIGHTS),
        parameters=parameters,
        chat_template_digest=packed.chat_template_digest,
        tokenizer_digest=packed.tokenizer_digest,
        name=packed.name,
        licence=licence,
    )


def _config(source: Path) -> dict[str, Any]:
    return read_json(source / "config.json", what="model's configuration", mend="give a Hugging Face directory")


def _weights(source: Path, layout: Layout, *, tied: bool) -> Iterator[Weight]:
    weights = open_weights(source)
    known = set(layout.hugging_face_names().values())
    missing = layout.missing(weights)
    if missing:
        raise BadFile(f"{source} lacks the tensor {missing[0]!r}", mend="download it again")
    for name, weight in weights.items():
        if name.endswith("rotary_emb.inv_freq") or (tied and name == "lm_head.weight"):
            continue  # a constant, and a copy
        if name not in known:
            raise UsageError(
                f"{source} has a tensor that is not supported: {name!r}", mend="use a model without added parts"
            )
        yield weight


def _licence(card: Path) -> str:
    """From the model card's front matter."""
    if not card.is_file():
        return ""
    found = re.search(r"^license:\s*['\"]?([\w.\-]+)", card.read_text("utf-8", "replace"), re.MULTILINE)
    return found[1] if found else ""
