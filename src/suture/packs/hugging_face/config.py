"""A model's ``config.json``, as transformers 4 or 5 wrote it, read by allow list."""

from pathlib import Path
from typing import Any, NamedTuple

from suture.core.errors import UsageError
from suture.core.json_types import is_list
from suture.files.small_files import read_json
from suture.packs.families.family import WITHOUT_EFFECT, Family, Shape
from suture.packs.families.table import family_of_config
from suture.packs.stated import Stated

CONFIG = "config.json"
GENERATION_CONFIG = "generation_config.json"
_OFF = ("is_encoder_decoder", "add_cross_attention", "tie_encoder_decoder")


class ModelConfig(NamedTuple):
    """``settings`` are those beyond the sizes, normalised; ``ends`` the tokens that end an answer, by id."""

    family: Family
    shape: Shape
    settings: dict[str, Any]
    ends: tuple[int, ...]
    bos: int | None


def read_config(directory: Path) -> ModelConfig:
    """Read ``config.json``, and the end tokens in ``generation_config.json``.

    Raises:
        BadFile: missing, no JSON, or a size that is missing or cannot be.
        UsageError: a family that is not supported, or a setting that is not known to be carried over or without effect.
    """
    file = directory / CONFIG
    said = Stated(
        read_json(file, what="model's configuration", mend="give a Hugging Face directory"), file, helps=_helps
    )
    family = family_of_config(str(said.get("model_type")), directory)
    if said.get("quantization_config") is not None:
        raise UsageError(f"the weights of {directory} are quantised", mend="use the model they were made from")
    if said.get("auto_map"):
        raise said.refused("auto_map", "the model is computed by code of its own, which is not run")
    said.only([family.model_class], keys=["architectures"])
    said.only(False, keys=_OFF)
    said.only({}, keys=["pruned_heads"])
    said.only(0, keys=["chunk_size_feed_forward"])
    shape = family.shape(said)
    settings = family.settings(said, shape)
    config = ModelConfig(family, shape, settings, _ends(said, directory), _id(said, "bos_token_id"))
    _id(said, "pad_token_id")
    said.finish(WITHOUT_EFFECT)
    return config


def _ends(said: Stated, directory: Path) -> tuple[int, ...]:
    """transformers generates until one of those that ``generation_config.json`` names, else ``config.json``."""
    found = _listed(said, "eos_token_id")
    file = directory / GENERATION_CONFIG
    if file.is_file():
        generation = Stated(
            read_json(file, what="generation configuration", mend="download it again"), file, helps=_helps
        )
        found = [*_listed(generation, "eos_token_id"), *found]
    return tuple(dict.fromkeys(found))


def _listed(said: Stated, key: str) -> list[int]:
    value = said.get(key, [])
    ids: list[Any] = value if is_list(value) else [value]
    if not all(type(i) is int for i in ids):
        raise said.refused(key, "that is no token's id")
    return [i for i in ids if i >= 0]


def _id(said: Stated, key: str) -> int | None:
    value = said.get(key)
    if value is not None and type(value) is not int:
        raise said.refused(key, "that is no token's id")
    return value


def _helps(key: str) -> str:
    return f"use a model without it; if nothing is computed with {key}, remove it from the file"
