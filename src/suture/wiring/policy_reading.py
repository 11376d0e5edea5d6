"""Reads a policy's YAML file, and the adapters that it names."""

from pathlib import Path

from suture.core.errors import BadFile
from suture.core.measure.attempt import AdapterUse
from suture.core.measure.policy import Tier, TierSettings
from suture.core.model.adapter_records import ADAPTER_CONFIG, ADAPTER_WEIGHTS
from suture.core.plan.policy_written import WrittenPolicy, WrittenTier
from suture.files.recipe_file import read_written
from suture.files.small_files import sha256_of


def read_policy_file(path: Path) -> WrittenPolicy:
    """What the file names beside itself is found there, whatever the current directory is.

    Raises:
        BadRecipe: no such file, not YAML, an unknown key, a wrong type or value; names the key and its line.
    """
    written = read_written(path, WrittenPolicy, what="policy", mend="docs/policies.md")
    tiers = tuple(
        tier.model_copy(
            update={"model": _beside(path, tier.model), "adapter": tier.adapter and _beside(path, tier.adapter)}
        )
        for tier in written.tiers
    )
    return written.model_copy(update={"tiers": tiers})


def _beside(file: Path, name: str) -> str:
    place = file.parent / name
    return str(place) if place.exists() else name


def tier_of(written: WrittenTier, pack: str, adapter: AdapterUse | None) -> Tier:
    """A tier whose model and adapter were found: the same for who measures it and who serves it."""
    return Tier(pack=pack, adapter=adapter, **written.model_dump(include=set(TierSettings.model_fields)))


def adapter_of(tier: WrittenTier) -> AdapterUse | None:
    """Raises BadFile: the directory holds no adapter."""
    if tier.adapter is None:
        return None
    directory = Path(tier.adapter)
    missing = [name for name in (ADAPTER_CONFIG, ADAPTER_WEIGHTS) if not (directory / name).is_file()]
    if missing:
        raise BadFile(f"tier {tier.name!r}: {directory} holds no {missing[0]}", mend="name a PEFT directory")
    config = sha256_of(directory / ADAPTER_CONFIG)
    return AdapterUse(sha256=sha256_of(directory / ADAPTER_WEIGHTS), scale=tier.scale, config=config)
