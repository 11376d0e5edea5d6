"""A base ready for training, and the same weights as the pack that is measured as baseline."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from suture.core.model.base import BASE_RECORD, BaseRecord
from suture.core.model.pack_manifest import Quantisation
from suture.core.plan.ports import Foundry, Packs
from suture.files.small_files import read_model, sha256_of
from suture.loop.measuring.pack_file import PackFile
from suture.store.store import Store
from suture.store.vouching import new_hashes, require_intact, withdraw


@dataclass(frozen=True)
class BasePack:
    """A base ready for training (``directory``) and the same weights as the pack that is measured as baseline."""

    directory: Path
    record: BaseRecord
    file: PackFile


def prepare_base(
    foundry: Foundry,
    packs: Packs,
    source: Path | str,
    directory: Path,
    quantisation: Quantisation,
    *,
    in_service: bool = False,
) -> BasePack:
    """Make the base's directory and its pack; what is already there, and proved, is used as it is.

    The baseline is measured in the quantisation the candidate will have, so that the gate sees the repair alone.

    Args:
        in_service: ``source`` is the champion: its very file is the baseline, since that is what must not get worse.
    """
    record = proved_record(directory)
    if record is None:
        shutil.rmtree(directory, ignore_errors=True)
        for quantised in Quantisation:
            base_pack_path(directory, quantised).unlink(missing_ok=True)
        record = foundry.prepare_base(source, directory)
    path = source if in_service and isinstance(source, Path) else base_pack_path(directory, quantisation)
    if not path.exists():
        foundry.pack(directory, directory, quantisation, path, {"base": record.source_sha256})
    return BasePack(directory, record, PackFile(path, sha256_of(path), packs.template(path)))


def kept_base(
    store: Store, foundry: Foundry, packs: Packs, source: Path | str, *, digest: str, quantisation: Quantisation
) -> BasePack:
    """Prepare a base in the store, once per source; the ledger vouches for the files.

    Raises:
        BadFile: a file that was made before was changed.
    """
    directory, file = store.home.base(digest), base_pack_path(store.home.base(digest), quantisation)
    require_intact(store, directory, file)
    withdraw_unproved(store, directory)
    base = prepare_base(foundry, packs, source, directory, quantisation)
    store.ledger.keep_files(new_hashes(store, [directory, file]))
    return base


def proved_record(directory: Path) -> BaseRecord | None:
    """The record of a prepared base that was proved; None where there is none, or an older version made it unproved."""
    if not (directory / BASE_RECORD).exists():
        return None
    record = read_model(directory / BASE_RECORD, BaseRecord, what="base record", mend=f"remove {directory}")
    return record if record.proof is not None else None


def withdraw_unproved(store: Store, directory: Path) -> None:
    """Vouch no longer for a base that is about to be prepared again, because nothing proves it."""
    if directory.exists() and proved_record(directory) is None:
        withdraw(store, [directory, *(base_pack_path(directory, quantised) for quantised in Quantisation)])


def base_pack_path(directory: Path, quantisation: Quantisation) -> Path:
    return directory.with_name(f"{directory.name}-{quantisation.value}.gguf")
