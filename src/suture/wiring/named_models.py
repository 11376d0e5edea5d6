"""Finds a model by the name people give it: a prepared base, or the pack to be measured."""

from pathlib import Path

from suture.core.model.pack_manifest import Quantisation
from suture.core.plan.ports import Foundry, Packs
from suture.loop.base_pack import BasePack, kept_base
from suture.loop.measuring.pack_file import PackFile
from suture.loop.measuring.policy_files import Measured, files_of
from suture.store.find_model import alias_named, find_model, require_one_model
from suture.store.kept_policies import SUFFIX, verified_policy
from suture.store.store import Store


def base_of(store: Store, foundry: Foundry, packs: Packs, name: str, quantisation: Quantisation) -> BasePack:
    """Prepare a base once per source, in the store."""
    found = require_one_model(find_model(store, name), name)
    return kept_base(store, foundry, packs, found.source, digest=found.digest, quantisation=quantisation)


def measured_model(store: Store, foundry: Foundry, packs: Packs, name: str, *, packed: bool = True) -> Measured:
    """As ``pack_file``; a name of the registry may mean a policy."""
    if (alias := alias_named(store, name)) is not None and alias.path.suffix == SUFFIX:
        return files_of(packs, verified_policy(store, alias.pack))
    return pack_file(store, foundry, packs, name, packed=packed)


def require_model(store: Store, name: str) -> None:
    """Raises UsageError and its children: there is no such model, or the name means several."""
    require_one_model(find_model(store, name), name)


def pack_file(store: Store, foundry: Foundry, packs: Packs, name: str, *, packed: bool = True) -> PackFile:
    """Find what is measured: a GGUF as it is; any other base packed as Q8_0, unless its directory is to be measured."""
    found = require_one_model(find_model(store, name), name)
    if isinstance(found.source, Path) and found.source.is_file():
        return PackFile(found.source, found.digest, packs.template(found.source))
    base = base_of(store, foundry, packs, name, Quantisation.Q8_0)
    return base.file if packed else PackFile(base.directory, base.record.weights_sha256, base.file.template)
