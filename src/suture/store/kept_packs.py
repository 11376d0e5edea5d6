"""Kept packs: found by name, and opened only when their bytes are those that were gated."""

from collections.abc import Callable, Iterator
from pathlib import Path

from suture.core.errors import BadFile
from suture.core.model.pack_manifest import PackManifest
from suture.core.model.registry_events import CHAMPION, models, pack_of, standing
from suture.files.small_files import read_model, sha256_of
from suture.store.store import Store
from suture.store.vouching import intact_copies


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


def verified_pack(store: Store, sha256: str, *, hashed: Callable[[Path], str] = sha256_of) -> Path:
    """The file of a kept pack, hashed just now.

    Args:
        hashed: hashes a file; whoever opens the same files again and again may know its hash already.

    Raises:
        BadFile: no such pack, or its bytes are not what its name says.
    """
    path = store.home.absolute(store.ledger.pack_path(sha256))
    if not path.exists():
        raise BadFile(f"{path} is missing: it should be {sha256[:12]}", mend=_remedy(store, sha256, path))
    if (found := hashed(path)) != sha256:
        complaint = f"{path} was changed: it should be {sha256[:12]} and is {found[:12]}"
        raise BadFile(complaint, mend=_remedy(store, sha256, path))
    return path


def _remedy(store: Store, sha256: str, path: Path) -> str:
    """Only what will help: a copy in the store, or an earlier pack that is still whole."""
    if copy := next(intact_copies(store, sha256), None):
        return f"cp {copy} {path}"
    remedies = ["put the file back from a copy", *_rollbacks(store, sha256)]
    return ", or ".join(remedies)


def _rollbacks(store: Store, sha256: str) -> Iterator[str]:
    """For each alias that points at this pack and has a whole one to go back to."""
    events = store.ledger.events()
    for model, alias in models(events):
        if pack_of(events, model, alias) != sha256:
            continue
        stood = standing(events, model, alias)
        for number in reversed(stood[max(stood)]):
            earlier = events[number - 1].pack
            if earlier != sha256 and _holds(store.home.absolute(store.ledger.pack_path(earlier)), earlier):
                yield f"suture rollback {model} --to {number}" + ("" if alias == CHAMPION else f" --alias {alias}")
                break


def _holds(file: Path, sha256: str) -> bool:
    return file.is_file() and sha256_of(file) == sha256
