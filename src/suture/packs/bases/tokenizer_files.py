"""The tokenizer of a prepared base, written in one way whatever it came from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from suture.files.small_files import write_json


def write_tokenizer_files(
    out: Path, content: Mapping[str, Any], *, adds_bos: bool, roles: Mapping[str, str], template: str
) -> None:
    """Write ``tokenizer.json``, ``tokenizer_config.json`` and ``chat_template.jinja``.

    Args:
        content: ``tokenizer.json``.
        roles: text of the tokens for bos, eos, unk and pad.
    """
    write_json(out / "tokenizer.json", content)
    config: dict[str, Any] = {
        # No class of the model's own: it would put its own idea of the steps in place of the file's.
        "tokenizer_class": "PreTrainedTokenizerFast",
        "add_bos_token": adds_bos,
        "clean_up_tokenization_spaces": False,
    }
    write_json(out / "tokenizer_config.json", config | {f"{role}_token": text for role, text in roles.items()})
    (out / "chat_template.jinja").write_text(template, encoding="utf-8", newline="")
