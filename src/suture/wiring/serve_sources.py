"""What the names in a routes file mean now: files, policies, and the event of the registry behind them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from suture.core.errors import BadFile, BadRecipe, UsageError
from suture.core.gate.gate_report import GateReport
from suture.core.measure.policy import Policy, Tier
from suture.core.model.model_names import registered_name
from suture.core.plan.policy_settings import PACK, alone
from suture.files.hashed_once import HashedOnce
from suture.files.small_files import read_model
from suture.store.aliases import Alias
from suture.store.find_model import alias_named
from suture.store.home import Home
from suture.store.kept_policies import KeptPolicy, verified_policy
from suture.store.store import Store, open_store
from suture.wiring.gated_evidence import GatedTallies, gated_evidence
from suture.wiring.policy_reading import adapter_of, read_policy_file, tier_of
from suture.wiring.serve import find_pack

TOOL_CALLS = "tool-calls"
SHADOW = "shadow"
"""The alias of what answers beside a champion, and is told to nobody."""


@dataclass(frozen=True)
class Source:
    """What answers under a name.

    Attributes:
        sha256: of the policy, or of the pack.
        since: Unix time.
        about: for people and clients: alias, event.
        kinds: sorts of jobs that it was gated on, where a gate report says them.
        gated: what a gate found of it.
    """

    sha256: str
    policy: Policy
    packs: Mapping[str, Path]
    adapters: Mapping[str, Path]
    since: int
    about: Mapping[str, object]
    kinds: tuple[str, ...] = ()
    gated: GatedTallies = ()

    @property
    def kind(self) -> str:
        """The one sort of job that its prompts are of; "" where there are several. Calls of tools do not count beside
        another: a request that offers tools says so itself."""
        others = [kind for kind in self.kinds if kind != TOOL_CALLS] or list(self.kinds)
        return others[0] if len(others) == 1 else ""


class Sources:
    """Finds models by name in one store. A file is hashed once for as long as it is the same file."""

    def __init__(self, home: Path | None) -> None:
        self._home, self._hashed = home, HashedOnce(Home(home).hashes)
        self._made: dict[str, Source] = {}

    def find(self, name: str) -> Source:
        """
        Raises:
            UsageError and its children: as ``suture path``; of a policy every file is checked.
        """
        with open_store(self._home) as store:
            alias = alias_named(store, name)
            if alias is not None and not Path(name).exists():
                return self._kept(store, alias)
        if name not in self._made:
            found = find_pack(self._home, name, hashed=self._hashed)
            sha256 = found.served.pack
            self._made[name] = Source(
                sha256, alone(sha256, PACK), {sha256: found.path}, {}, found.served.since, found.served.about
            )
        return self._made[name]

    def points_at(self, name: str) -> str | None:
        """SHA-256 of what a name of the registry points at, without a look at it."""
        with open_store(self._home) as store:
            alias = alias_named(store, name)
            return alias.pack if alias else None

    def shadow(self, name: str) -> Source | None:
        """What the alias ``shadow`` of a champion's model points at, if there is one. Raises as ``find``."""
        with open_store(self._home) as store:
            alias = _shadow(store, name)
            return None if alias is None else self._kept(store, alias)

    def written(self, path: Path) -> Source:
        """A policy's YAML file, whose models are found by their names.

        Raises:
            UsageError and its children: as ``find``, or the file is no policy.
        """
        written = read_policy_file(path)
        packs: dict[str, Path] = {}
        adapters: dict[str, Path] = {}
        tiers: list[Tier] = []
        for tier in written.tiers:
            source = self.find(tier.model)
            if source.sha256 not in source.packs:
                raise UsageError(f"tier {tier.name!r} names a policy, {tier.model!r}, and takes one model")
            packs |= source.packs
            adapter = adapter_of(tier)
            if adapter is not None and tier.adapter is not None:
                adapters[adapter.sha256] = Path(tier.adapter)
            tiers.append(tier_of(tier, source.sha256, adapter))
        try:
            policy = Policy(tiers=tuple(tiers), silent=written.silent)
        except ValidationError as error:
            raise BadRecipe(f"{path}: {error.errors()[0]['msg']}", mend="docs/policies.md") from None
        return Source(policy.sha256, policy, packs, adapters, int(path.stat().st_mtime), {})

    def _kept(self, store: Store, alias: Alias) -> Source:
        kept: KeptPolicy = verified_policy(store, alias.pack, hashed=self._hashed)
        policy = alone(kept.sha256, PACK) if kept.is_pack else kept.policy
        event = store.ledger.events()[alias.since - 1]
        about = {"alias": alias.alias, "event": alias.since}
        since = int(datetime.fromisoformat(event.at).timestamp())
        kinds, gated = _gated_on(store, event.gate_report), gated_evidence(store, alias.model, alias.pack)
        return Source(kept.sha256, policy, kept.packs, kept.adapters, since, about, kinds, gated)


def _gated_on(store: Store, gate_report: str | None) -> tuple[str, ...]:
    """Kinds of the tasks behind an event; none where there was no gate, or its report is not kept.

    Raises:
        BadFile: the report cannot be read, or is another.
    """
    path = store.home.gate_report(gate_report) if gate_report else None
    if path is None or not path.exists():
        return ()
    report = read_model(path, GateReport, what="gate report")
    if report.digest != gate_report:
        raise BadFile(f"{path} was changed: it is not the gate report it is named for", mend="put it back from a copy")
    return report.kinds


def _shadow(store: Store, name: str) -> Alias | None:
    """Of a champion alone: a name that states its alias is what it says."""
    asked = registered_name(name)
    if asked is None or asked.stated:
        return None
    return alias_named(store, f"{asked.model}@{SHADOW}")
