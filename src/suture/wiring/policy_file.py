"""Finds every model and adapter in a policy."""

from pathlib import Path

from pydantic import ValidationError

from suture.core.errors import BadRecipe
from suture.core.measure.policy import Policy, Tier
from suture.core.plan.policy_written import WrittenPolicy
from suture.core.plan.ports import Packs, Progress
from suture.loop.measuring.pack_file import PackFile
from suture.loop.measuring.policy_files import PolicyFiles
from suture.loop.workshop import Silent
from suture.store.store import Store
from suture.wiring.foundry import TorchFoundry
from suture.wiring.named_models import pack_file, require_model
from suture.wiring.policy_reading import adapter_of, tier_of


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
    uses = [adapter_of(tier) for tier in written.tiers]
    for tier in written.tiers:  # before any of them is prepared, which takes long
        require_model(store, tier.model)
    for tier, adapter in zip(written.tiers, uses, strict=True):
        pack = pack_file(store, foundry, packs_port, tier.model)
        packs[pack.sha256] = pack
        if adapter is not None and tier.adapter is not None:
            adapters[adapter.sha256] = Path(tier.adapter)
        tiers.append(tier_of(tier, pack.sha256, adapter))
    try:
        return PolicyFiles(Policy(tiers=tuple(tiers), silent=written.silent), packs, adapters)
    except ValidationError as error:
        raise BadRecipe(f"policy: {error.errors()[0]['msg']}", mend="docs/policies.md") from None
