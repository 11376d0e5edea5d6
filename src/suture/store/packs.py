"""Kept packs: found by name, and opened only when their bytes are those that were gated."""

from pathlib import Path

from suture.core.errors import BadFile, UsageError
from suture.core.model.pack import PackManifest
from suture.core.model.registry import CHAMPION, pack_of
from suture.files.read_write import read_model, sha256_of
from suture.store.store import Store


def manifest_path(pack: Path) -> Path:
    return pack.with_name(pack.name + ".json")


def manifest_of(pack: Path, sha256: str) -> PackManifest | None:
    """The manifest beside a pack; None where there is none, or it is another file's.

    Raises:
        BadFile: it cannot be read.
    """
    if not manifest_path(pack).exists():
        return None
    manifest = read_model(manifest_path(pack), PackManifest, what="pack manifest")
    return manifest if manifest.sha256 == sha256 else None


def verified_pack(store: Store, sha256: str) -> Path:
    """The file of a kept pack, hashed just now.

    Raises:
        BadFile: no such pack, or its bytes are not what its name says.
    """
    path = store.home.absolute(store.ledger.pack_path(sha256))
    if (found := sha256_of(path)) != sha256:
        raise BadFile(
            f"{path} was changed: it should be {sha256[:12]} and is {found[:12]}",
            mend="suture rollback MODEL, or put the file back from a copy",
        )
    return path


def open_champion(store: Store, model: str, alias: str = CHAMPION) -> tuple[Path, str]:
    """(file, SHA-256) of the pack an alias points at: the one way to a pack that is to be served.

    Raises:
        UsageError: the alias points at nothing.
        BadFile: the bytes are not those that were promoted.
    """
    sha256 = pack_of(store.ledger.events(), model, alias)
    if sha256 is None:
        raise UsageError(f"model {model!r} has no {alias} yet", mend="suture registry list")
    return verified_pack(store, sha256), sha256
