"""Finds every model and adapter in a policy."""

from pathlib import Path

from pydantic import ValidationError

from suture.core.errors import BadRecipe
from suture.core.measure.policy import Policy, Tier, TierSettings
from suture.core.plan.policy_written import WrittenPolicy
from suture.core.plan.ports import Packs, Progress
from suture.loop.measuring.pack_file import PackFile
from suture.loop.measuring.policy_files import PolicyFiles
from suture.loop.workshop import Silent
from suture.store.store import Store
from suture.wiring.foundry import TorchFoundry
from suture.wiring.named_models import pack_file
from suture.wiring.policy_reading import adapter_of


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
        adapter = adapter_of(tier)
        if adapter is not None and tier.adapter is not None:
            adapters[adapter.sha256] = Path(tier.adapter)
        settings = tier.model_dump(include=set(TierSettings.model_fields))
        tiers.append(Tier(pack=pack.sha256, adapter=adapter, **settings))
    try:
        return PolicyFiles(Policy(tiers=tuple(tiers), silent=written.silent), packs, adapters)
    except ValidationError as error:
        raise BadRecipe(f"policy: {error.errors()[0]['msg']}", mend="docs/policies.md") from None
