"""A prepared base's directory, as training reads it."""

import shutil
from pathlib import Path

from suture.core.model.base import BASE_RECORD, TOKENIZER_FILES, BaseRecord
from suture.files.small_files import read_model

HOW_TO_PREPARE = "prepare it again from the GGUF file or the Hugging Face directory"


def read_base_record(base: Path) -> BaseRecord:
    """Raises BadFile: ``base`` was not made by ``packs.bases``."""
    return read_model(base / BASE_RECORD, BaseRecord, what="prepared base model", mend=HOW_TO_PREPARE)


def copy_tokenizer(source: Path, out: Path) -> None:
    """Copied, not loaded and saved: a library's opinion of a tokenizer is not the model's tokenizer."""
    for name in TOKENIZER_FILES:
        if (source / name).is_file():
            shutil.copyfile(source / name, out / name)
