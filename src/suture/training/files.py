"""The files of a prepared base that training reads, and those it writes."""

import hashlib
import json
import shutil
from pathlib import Path

from pydantic import ValidationError

from suture.core.errors import BadFile
from suture.core.pack import BaseRecord

RECORD = "suture.json"
_TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "generation_config.json",
)


def sha256_of(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def copy_tokenizer(source: Path, out: Path) -> None:
    """Copied, not loaded and saved: a library's opinion of a tokenizer is not the model's tokenizer."""
    for name in _TOKENIZER_FILES:
        if (source / name).is_file():
            shutil.copyfile(source / name, out / name)


def write_json(file: Path, value: object) -> None:
    file.write_text(json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def read_base_record(base: Path) -> BaseRecord:
    """Raises BadFile: ``base`` was not made by ``prepare_base``."""
    file = base / RECORD
    try:
        return BaseRecord.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise BadFile(
            f"{base} is not a prepared base model ({file.name} is missing or broken)",
            mend="prepare it again from the GGUF file or the Hugging Face directory",
        ) from error
