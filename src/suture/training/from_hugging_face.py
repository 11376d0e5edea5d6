"""A Hugging Face directory into one with BF16 safetensors."""

import json
import re
from pathlib import Path

import torch
from transformers import AutoConfig, AutoTokenizer

from suture.core.digest import digest_of, digest_of_text
from suture.core.errors import BadFile, UsageError
from suture.core.pack import SUPPORTED_ARCHITECTURES, BaseRecord
from suture.training.files import copy_tokenizer, sha256_of, sha256_of_all
from suture.training.model import load_model, parameters_of, save_bf16
from suture.training.quiet import quiet


def convert_directory(source: Path, out: Path, name: str) -> BaseRecord:
    """Round the weights of ``source`` to BF16 in ``out`` and copy its tokenizer.

    Raises:
        BadFile: no configuration, weights or tokenizer that can be read.
        UsageError: an architecture that is not supported.
    """
    try:
        with quiet():
            config = AutoConfig.from_pretrained(source, trust_remote_code=False, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise BadFile(f"{source} has no config.json that can be read", mend="give a Hugging Face directory") from error
    if config.model_type not in SUPPORTED_ARCHITECTURES:
        raise UsageError(
            f"{source} is of architecture {config.model_type!r}, which is not supported",
            mend=f"use a model of one of these architectures: {', '.join(SUPPORTED_ARCHITECTURES)}",
        )
    if not list(source.glob("*.safetensors")):
        raise BadFile(
            f"{source} has no safetensors files (pickled weights are not read: they can run code)",
            mend="use the model's safetensors files",
        )
    model = load_model(source, torch.float32)
    save_bf16(model, out)
    _write_tokenizer(source, out)
    files = sorted(file for file in source.iterdir() if file.suffix in {".safetensors", ".json", ".jinja", ".txt"})
    return BaseRecord(
        source=name,
        source_sha256=digest_of({file.name: sha256_of(file) for file in files}),
        architecture=config.model_type,
        weights_sha256=sha256_of_all(out, "*.safetensors"),
        parameters=parameters_of(model),
        chat_template_digest=digest_of_text(_chat_template(out)),
        licence=_licence(source / "README.md"),
    )


def _write_tokenizer(source: Path, out: Path) -> None:
    if (source / "tokenizer.json").is_file():
        copy_tokenizer(source, out)
        return
    try:
        with quiet():
            AutoTokenizer.from_pretrained(source, trust_remote_code=False, local_files_only=True).save_pretrained(out)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise BadFile(f"{source} has no tokenizer that can be read", mend="add its tokenizer.json") from error


def _chat_template(directory: Path) -> str:
    if (directory / "chat_template.jinja").is_file():
        return (directory / "chat_template.jinja").read_text("utf-8")
    try:
        template = json.loads((directory / "tokenizer_config.json").read_text("utf-8")).get("chat_template", "")
    except (OSError, ValueError):
        return ""
    return template if isinstance(template, str) else ""


def _licence(card: Path) -> str:
    """From the model card's front matter."""
    if not card.is_file():
        return ""
    found = re.search(r"^license:\s*['\"]?([\w.\-]+)", card.read_text("utf-8", "replace"), re.MULTILINE)
    return found[1] if found else ""
