"""Reads a policy from a YAML file, and finds every model and adapter in it."""

from pathlib import Path

from pydantic import ValidationError

from suture.core.errors import BadFile, BadRecipe
from suture.core.measure.attempt import AdapterUse
from suture.core.measure.policy import Policy, Tier, TierSettings
from suture.core.model.adapter_records import ADAPTER_CONFIG, ADAPTER_WEIGHTS
from suture.core.plan.policy_written import WrittenPolicy, WrittenTier
from suture.core.plan.ports import Packs, Progress
from suture.files.recipe_file import explain, read_tree
from suture.files.small_files import sha256_of
from suture.loop.measuring.pack_file import PackFile
from suture.loop.measuring.policy_files import PolicyFiles
from suture.loop.workshop import Silent
from suture.store.store import Store
from suture.wiring.foundry import TorchFoundry
from suture.wiring.named_models import pack_file


def read_policy_file(path: Path) -> WrittenPolicy:
    """Raises BadRecipe: no such file, not YAML, an unknown key, a wrong type or value; names the key and its line."""
    tree = read_tree(path)
    try:
        return WrittenPolicy.model_validate(tree)
    except ValidationError as error:
        raise BadRecipe(explain(path, tree, error, WrittenPolicy), mend="docs/policies.md") from None


def policy_files(
    store: Store, packs_port: Packs, written: WrittenPolicy, progress: Progress | None = None
) -> PolicyFiles:
    """Find every model and adapter in a policy; what is no pack yet is prepared and packed.

    Raises:
        UsageError and its children: no such model, or a directory that holds no adapter.
    """
    foundry = TorchFoundry(progress or Silent())
    packs: dict[str, PackFile] = {}
    adapters: dict[str, Path] = {}
    tiers: list[Tier] = []
    for tier in written.tiers:
        pack = pack_file(store, foundry, packs_port, tier.model)
        packs[pack.sha256] = pack
        adapter = _adapter(tier)
        if adapter is not None and tier.adapter is not None:
            adapters[adapter.sha256] = Path(tier.adapter)
        settings = tier.model_dump(include=set(TierSettings.model_fields))
        tiers.append(Tier(pack=pack.sha256, adapter=adapter, **settings))
    try:
        return PolicyFiles(Policy(tiers=tuple(tiers), silent=written.silent), packs, adapters)
    except ValidationError as error:
        raise BadRecipe(f"policy: {error.errors()[0]['msg']}", mend="docs/policies.md") from None


def _adapter(tier: WrittenTier) -> AdapterUse | None:
    if tier.adapter is None:
        return None
    directory = Path(tier.adapter)
    missing = [name for name in (ADAPTER_CONFIG, ADAPTER_WEIGHTS) if not (directory / name).is_file()]
    if missing:
        raise BadFile(f"tier {tier.name!r}: {directory} holds no {missing[0]}", mend="name a PEFT directory")
    return AdapterUse(sha256=sha256_of(directory / ADAPTER_WEIGHTS), scale=tier.scale)
