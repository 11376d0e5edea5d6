"""A policy with the files of everything in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from suture.core.measure.chat import ChatTemplate
from suture.core.measure.policy import Policy, Tier
from suture.core.plan.ports import Packs
from suture.loop.measuring.pack_file import PackFile
from suture.store.kept_policies import KeptPolicy


@dataclass(frozen=True)
class PolicyFiles:
    """``packs`` and ``adapters`` (PEFT directories) by SHA-256."""

    policy: Policy
    packs: Mapping[str, PackFile]
    adapters: Mapping[str, Path] = field(default_factory=dict[str, Path])

    @property
    def sha256(self) -> str:
        return self.policy.sha256

    @property
    def template(self) -> ChatTemplate:
        """Of the tier that speaks first."""
        return self.pack_of(self.policy.tiers[0]).template

    def pack_of(self, tier: Tier) -> PackFile:
        return self.packs[tier.pack]

    def beside(self, tier: Tier) -> dict[str, Path]:
        """What the engine has to load beside the tier's pack."""
        return {} if tier.adapter is None else {tier.adapter.sha256: self.adapters[tier.adapter.sha256]}


Measured = PackFile | PolicyFiles
"""What a bench measures."""


def files_of(packs: Packs, kept: KeptPolicy) -> PolicyFiles:
    """A kept policy, ready to be asked."""
    files = {sha256: PackFile(path, sha256, packs.template(path)) for sha256, path in kept.packs.items()}
    return PolicyFiles(kept.policy, files, kept.adapters)


def measured_of(packs: Packs, kept: KeptPolicy) -> Measured:
    """A policy of one plain tier is measured as the pack that it is."""
    files = files_of(packs, kept)
    return files.packs[kept.sha256] if kept.is_pack else files
