"""The files of a prepared base, and their digests."""

import hashlib
import json
from pathlib import Path

RECORD = "suture.json"
BASE_GGUF = "base.gguf"
WEIGHTS = "model.safetensors"
TOKENIZER_FILES = (
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


def write_json(file: Path, value: object) -> None:
    """Raises UnicodeEncodeError: a lone surrogate in a text, which no JSON reader takes."""
    file.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
