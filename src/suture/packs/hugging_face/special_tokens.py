"""Tokens with a role, and those found in a text before it is cut: several files may name them, and must agree."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from suture.core.errors import UsageError
from suture.core.json_types import is_list, is_object
from suture.files.small_files import read_json
from suture.packs.stated import Stated

ROLES = ("bos", "eos", "unk", "pad")
_PLAIN = ("single_word", "lstrip", "rstrip")


def added_tokens(tokenizer: Stated, vocabulary: dict[str, int], size: int) -> dict[int, dict[str, Any]]:
    """``added_tokens`` of a ``tokenizer.json`` by id.

    Raises:
        UsageError: one that takes white space with it, that is looked for in a changed text, or that the `tokenizers`
            library would give another id.
    """
    found: dict[int, dict[str, Any]] = {}
    following = len(vocabulary)
    for entry in tokenizer.get("added_tokens", []):
        text, index = entry["content"], entry["id"]
        taking = [key for key in _PLAIN if entry.get(key)]
        if entry.get("normalized") and tokenizer.get("normalizer") and _matters(entry):
            taking.append("normalized")
        if taking:
            raise UsageError(
                f"{tokenizer.file}: the added token {text!r} has {', '.join(taking)}, which the engines do not do",
                mend=f"set {', '.join(taking)} to false there, if the model does not need it",
            )
        wanted = vocabulary.get(text, following)
        following += text not in vocabulary
        if type(index) is not int or index != wanted or index >= size:
            raise UsageError(
                f"{tokenizer.file}: the added token {text!r} has the id {index}, and is read as {wanted} of {size}",
                mend="save the tokenizer again with the library that made it",
            )
        found[index] = entry
    return found


def token_of(directory: Path, config: Stated, role: str) -> str | None:
    """The text of ``bos_token`` and the like, by ``tokenizer_config.json`` or the older ``special_tokens_map.json``."""
    return _text(config.get(f"{role}_token")) or _text(_map(directory).get(f"{role}_token"))


def require_agreement(directory: Path, config: Stated, added: dict[int, dict[str, Any]]) -> None:
    """Every special token that another file names must be one that ``tokenizer.json`` adds, in the same way.

    transformers adds what is missing there, and lets the other files' flags override it.

    Raises:
        UsageError: a token that is not, by its name.
    """
    by_text = {entry["content"]: (index, entry) for index, entry in added.items()}
    for where, text in _named(directory, config):
        if text not in by_text:
            raise UsageError(
                f"{where} {text!r}, which {directory / 'tokenizer.json'} does not list in added_tokens",
                mend="save the tokenizer again with the library that made it, so that both files list it",
            )
    decoder: dict[str, dict[str, Any]] = config.get("added_tokens_decoder", {})
    for index, entry in decoder.items():
        there = added.get(int(index), {})
        differing = [key for key, value in entry.items() if value != there.get(key, False) and key != "__type"]
        if "normalized" in differing and not _matters(entry):
            differing.remove("normalized")
        if differing:
            raise UsageError(
                f"{config.file}: added_tokens_decoder has {entry.get('content')!r} ({index}) with other "
                f"{', '.join(differing)} than tokenizer.json",
                mend="make the two files say the same",
            )
    for name in ("bos_token", "eos_token", "unk_token", "pad_token"):
        ours, theirs = _text(config.get(name)), _text(_map(directory).get(name))
        if ours is not None and theirs is not None and ours != theirs:
            raise config.refused(
                name, f"special_tokens_map.json says {theirs!r}", mend="make the two files say the same"
            )
    file = directory / "added_tokens.json"
    for text, index in (
        read_json(file, what="list of added tokens", mend="download it again") if file.is_file() else {}
    ).items():
        if by_text.get(text, (None,))[0] != index:
            raise UsageError(
                f"{file} gives {text!r} the id {index}, and tokenizer.json does not", mend="remove that file"
            )


def _named(directory: Path, config: Stated) -> Iterator[tuple[str, str]]:
    """(where it is named, the token) for every special token outside ``tokenizer.json``."""
    for key in config.stated():
        if key.endswith("_token") and not key.startswith("add_") and (text := _text(config.get(key))) is not None:
            yield f"{config.file}: {key} is", text
        elif key in {"additional_special_tokens", "extra_special_tokens", "model_specific_special_tokens"}:
            value = config.get(key)
            for one in value.values() if is_object(value) else value:
                yield f"{config.file}: {key} has", str(_text(one))
    for key, value in _map(directory).items():
        for one in value if is_list(value) else [value]:
            if (text := _text(one)) is not None:
                yield f"{directory / 'special_tokens_map.json'}: {key} is", text


def _map(directory: Path) -> dict[str, Any]:
    file = directory / "special_tokens_map.json"
    return read_json(file, what="map of special tokens", mend="download it again") if file.is_file() else {}


def _text(value: Any) -> str | None:
    return value.get("content") if is_object(value) else value if isinstance(value, str) else None


def _matters(entry: dict[str, Any]) -> bool:
    """Whether a token is found in other texts when they are normalised first."""
    return any(character in entry["content"] for character in " ▁") or not entry["content"].isascii()
