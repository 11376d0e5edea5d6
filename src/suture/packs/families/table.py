"""The families of models that Suture repairs: a row each."""

from pathlib import Path

from suture.core.errors import UsageError
from suture.packs.families.family import Family
from suture.packs.families.gemma3 import Gemma3
from suture.packs.families.llama import Llama
from suture.packs.families.qwen2 import Qwen2
from suture.packs.families.qwen3 import Qwen3

FAMILIES: tuple[Family, ...] = (Llama(), Qwen2(), Qwen3(), Gemma3())
"""Those whose merge and pack are tested."""

ARCHITECTURES = tuple(family.architecture for family in FAMILIES)


def family_of(architecture: str, source: Path) -> Family:
    """By GGUF's name. Raises UsageError: none of them."""
    return _found({family.architecture: family for family in FAMILIES}, architecture, source)


def family_of_config(model_type: str, file: Path) -> Family:
    """By the ``model_type`` of a ``config.json``. Raises UsageError: none of them."""
    return _found({family.model_type: family for family in FAMILIES}, model_type, file)


def _found(known: dict[str, Family], name: str, source: Path) -> Family:
    if name in known:
        return known[name]
    raise UsageError(
        f"{source} is of architecture {name!r}, which is not supported",
        mend=f"use a model of one of these architectures: {', '.join(known)}",
    )
