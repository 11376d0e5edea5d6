"""Kept policies: a small file named by its hash, and everything in it, opened only when all bytes are as gated."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from suture.core.errors import BadFile, UsageError
from suture.core.measure.attempt import AdapterUse
from suture.core.measure.policy import Policy
from suture.core.model.adapter_records import ADAPTER_CONFIG, ADAPTER_WEIGHTS
from suture.core.model.registry_events import CHAMPION, pack_of
from suture.core.plan.policy_settings import alone
from suture.files.small_files import copy_verified, read_model, sha256_of, write_json
from suture.store.kept_packs import manifest_of, manifest_path, verified_pack
from suture.store.store import Store
from suture.store.vouching import intact_copies, made_again

SUFFIX = ".json"
"""Of a policy's file; packs end in ``.gguf``."""


@dataclass(frozen=True)
class KeptPolicy:
    """Attributes:
    sha256: of the policy's file; of the pack, for a policy of one plain tier.
    file: the policy's, or the pack.
    packs: file by SHA-256.
    adapters: PEFT directory by SHA-256 of its weights.
    """

    sha256: str
    file: Path
    policy: Policy
    packs: Mapping[str, Path]
    adapters: Mapping[str, Path] = field(default_factory=dict[str, Path])

    @property
    def is_pack(self) -> bool:
        """Nothing but one pack."""
        return self.file.suffix != SUFFIX


def read_policy(file: Path) -> Policy:
    """Raises BadFile: no such file, or no policy as Suture writes it."""
    policy = read_model(file, Policy, what="policy")
    if policy.sha256 != sha256_of(file):
        raise BadFile(f"{file} is a policy in another spelling than Suture writes", mend="put it back from a copy")
    return policy


def verified_policy(store: Store, sha256: str, *, hashed: Callable[[Path], str] = sha256_of) -> KeptPolicy:
    """What an event of the registry names, with every file in it hashed just now.

    Args:
        hashed: as of ``verified_pack``.

    Raises:
        BadFile: a file is missing or was changed; names it.
    """
    file = verified_pack(store, sha256, hashed=hashed)
    if file.suffix != SUFFIX:
        return KeptPolicy(sha256, file, alone(sha256), {sha256: file})
    policy = read_policy(file)
    packs = {pack: verified_pack(store, pack, hashed=hashed) for pack in policy.packs}
    adapters = {adapter: verified_pack(store, adapter, hashed=hashed).parent for adapter in policy.adapters}
    named = {tier.adapter.sha256: tier.adapter.config for tier in policy.tiers if tier.adapter is not None}
    for adapter, directory in adapters.items():
        _require_config(store, directory, named[adapter], hashed)
    return KeptPolicy(sha256, file, policy, packs, adapters)


def _require_config(store: Store, directory: Path, named: str | None, hashed: Callable[[Path], str]) -> None:
    """Raises BadFile: an adapter's configuration is not the one that the policy names, or that it was kept with."""
    file = directory / ADAPTER_CONFIG
    kept = named or store.ledger.file(store.home.relative(file))
    found = hashed(file) if file.exists() else "missing"
    if found != kept:
        raise BadFile(
            f"{file} was changed: it should be {str(kept)[:12]} and is {found[:12]}",
            mend="put the file back from a copy",
        )


def open_policy(store: Store, model: str, alias: str = CHAMPION) -> KeptPolicy:
    """What an alias points at: the one way to what is to be served.

    Raises:
        UsageError: the alias points at nothing.
        BadFile: bytes are not those that were promoted.
    """
    sha256 = pack_of(store.ledger.events(), model, alias)
    if sha256 is None:
        raise UsageError(f"model {model!r} has no {alias} yet", mend="suture registry list")
    return verified_policy(store, sha256)


def parts_of(store: Store, sha256: str) -> tuple[str, ...]:
    """SHA-256 of everything that a pack or policy needs, itself first. What the registry never kept needs nothing."""
    try:
        path = store.home.absolute(store.ledger.pack_path(sha256))
    except BadFile:
        return (sha256,)
    if path.suffix != SUFFIX or not path.exists():
        return (sha256,)
    policy = read_policy(path)
    return (sha256, *policy.packs, *policy.adapters)


def keep_pack(store: Store, pack: Path, sha256: str) -> None:
    """Keep the bytes under their hash, where the registry finds them, and beside them its manifest, if any."""
    kept = store.home.pack(sha256)
    copy_verified(pack, kept, sha256)
    store.ledger.add_pack(sha256, store.home.relative(kept))
    if (manifest := manifest_of(pack, sha256)) is not None:
        keep_json(store, manifest_path(kept), manifest.to_json())


def keep_policy(store: Store, file: Path, sha256: str, parts: Mapping[str, Path] | None = None) -> None:
    """Keep a policy and everything in it.

    Args:
        parts: files by SHA-256 (of adapters their weights); others are found by their hash among the store's.

    Raises:
        BadFile: a part is nowhere, or was changed.
    """
    policy, known = read_policy(file), parts or {}
    for pack in policy.packs:
        keep_pack(store, known.get(pack) or _part(store, pack, f"pack {pack[:12]}"), pack)
    for use in {tier.adapter.sha256: tier.adapter for tier in policy.tiers if tier.adapter}.values():
        weights = known.get(use.sha256) or _part(store, use.sha256, f"adapter {use.sha256[:12]}")
        _keep_adapter(store, weights.parent, use)
    kept = store.home.policy(sha256)
    copy_verified(file, kept, sha256)
    store.ledger.add_pack(sha256, store.home.relative(kept))


def keep_json(store: Store, path: Path, value: object) -> None:
    if store.ledger.file(store.home.relative(path)) is None or not path.exists():
        with made_again(store, path):
            write_json(path, value)


def _keep_adapter(store: Store, directory: Path, use: AdapterUse) -> None:
    """Raises BadFile: its configuration is not the policy's, or these weights are kept with another one."""
    kept = store.home.adapter_directory(use.sha256)
    written = store.home.relative(kept / ADAPTER_CONFIG)
    config, held = sha256_of(directory / ADAPTER_CONFIG), store.ledger.file(written)
    if config != (use.config or config):
        raise BadFile(f"{directory / ADAPTER_CONFIG} is not the one that the policy names", mend="put it back")
    if held not in (None, config):
        raise BadFile(
            f"{directory} has the weights of {kept} with another {ADAPTER_CONFIG}", mend="promote from another store"
        )
    copy_adapter(directory, kept, use.sha256)
    store.ledger.keep_files({written: config})
    store.ledger.add_pack(use.sha256, store.home.relative(kept / ADAPTER_WEIGHTS))


def copy_adapter(directory: Path, out: Path, sha256: str) -> str:
    """Copy the weights that ``sha256`` names, and their configuration, whose SHA-256 is returned."""
    copy_verified(directory / ADAPTER_WEIGHTS, out / ADAPTER_WEIGHTS, sha256)
    config = sha256_of(directory / ADAPTER_CONFIG)
    copy_verified(directory / ADAPTER_CONFIG, out / ADAPTER_CONFIG, config)
    return config


def _part(store: Store, sha256: str, what: str) -> Path:
    copy = next(intact_copies(store, sha256), None)
    if copy is not None:
        return copy
    place = next((path for path, held in store.ledger.files().items() if held == sha256), None)
    raise BadFile(
        f"{what} of the policy is nowhere in the store"
        + (f": {store.home.absolute(place)} is missing or changed" if place else ""),
        mend="put it back from a copy, or promote the YAML file that names it",
    )
