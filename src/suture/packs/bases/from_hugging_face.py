"""A Hugging Face directory into one with BF16 safetensors and ``base.gguf``."""

import re
from pathlib import Path
from typing import Any

from suture.core.digest import digest_of
from suture.core.model.base import BASE_GGUF, WEIGHTS, BaseRecord
from suture.files.small_files import require_inside, sha256_of, write_json
from suture.packs.bases.base_gguf import write_base_gguf
from suture.packs.bases.tokenizer_files import write_tokenizer_files
from suture.packs.gguf.pack_info import read_info
from suture.packs.hugging_face.bf16 import write_bf16
from suture.packs.hugging_face.chat_template import template_files
from suture.packs.hugging_face.config import ModelConfig, read_config
from suture.packs.hugging_face.source_weights import source_weights
from suture.packs.hugging_face.tokenizer import ModelTokenizer, read_tokenizer


def convert_directory(source: Path, out: Path, name: str) -> BaseRecord:
    """Round the weights of ``source`` to BF16 in ``out``, with settings and tokenizer in one form, and ``base.gguf``.

    Raises:
        BadFile: no configuration, weights or tokenizer that can be read, or pickled weights.
        UsageError: something that is not known to be carried over or without effect.
    """
    require_inside(source)
    model = read_config(source)
    weights = source_weights(source, model.family.tensors(model.shape))
    tokenizer = read_tokenizer(source, model)
    write_json(out / "config.json", _config(model, tokenizer))
    roles = {role: tokenizer.tokens[index] for role, index in tokenizer.roles.items()}
    write_tokenizer_files(out, tokenizer.content, adds_bos=tokenizer.adds_bos, roles=roles, template=tokenizer.template)
    parameters = write_bf16(weights.values(), out / WEIGHTS)
    licence = _licence(source / "README.md")
    short = re.split(r"[/\\]", name.rstrip("/\\"))[-1]
    write_base_gguf(out, model, tokenizer, source=source, name=short, licence=licence)
    packed = read_info(out / BASE_GGUF)
    return BaseRecord(
        source=name,
        source_sha256=_digest(source),
        architecture=model.family.architecture,
        weights_sha256=sha256_of(out / WEIGHTS),
        parameters=parameters,
        chat_template_digest=packed.chat_template_digest,
        tokenizer_digest=packed.tokenizer_digest,
        name=packed.name,
        licence=licence,
        template=tokenizer.template_choice,
        tokenizer=tokenizer.choice,
    )


def _config(model: ModelConfig, tokenizer: ModelTokenizer) -> dict[str, Any]:
    ends = tokenizer.ends[0] if len(tokenizer.ends) == 1 else list(tokenizer.ends)
    ids = {f"{role}_token_id": tokenizer.roles[role] for role in ("bos", "pad") if role in tokenizer.roles}
    return model.family.config(model.shape, model.settings) | ids | {"eos_token_id": ends}


def _digest(source: Path) -> str:
    files = sorted(file for file in source.iterdir() if file.suffix in {".safetensors", ".json"})
    files += template_files(source)
    return digest_of({str(file.relative_to(source)): sha256_of(file) for file in files})


def _licence(card: Path) -> str:
    """From the model card's front matter."""
    if not card.is_file():
        return ""
    found = re.search(r"^license:\s*['\"]?([\w.\-]+)", card.read_text("utf-8", "replace"), re.MULTILINE)
    return found[1] if found else ""
