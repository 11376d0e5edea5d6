"""Base models and packs, each with its manifest and proof."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from suture.core.errors import BadFile, Fault, UsageError
from suture.core.model.adapter_records import (
    ADAPTER_CONFIG,
    ADAPTER_RECORD,
    ADAPTER_WEIGHTS,
    IMPORT_RECORD,
    MERGE_RECORD,
    AdapterRecord,
    ImportedAdapter,
    MergeRecord,
    MergeSettings,
)
from suture.core.model.base import BASE_RECORD, BaseRecord
from suture.core.model.pack_manifest import PackManifest, Quantisation
from suture.core.model.train_settings import TrainSettings
from suture.core.plan.ports import Foundry, Packs
from suture.core.teach.dataset import Dataset
from suture.files.small_files import read_model, sha256_of, write_json
from suture.loop.measuring.pack_file import PackFile
from suture.store.kept_packs import manifest_path
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
    """As ``prepare_base``, in the store, once per source; the ledger vouches for the files.

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


def finished_adapter(adapter: Path, base: BasePack, dataset: Dataset, settings: TrainSettings) -> AdapterRecord | None:
    """The record of an adapter that was finished just before the run was stopped; anything else there is removed."""
    try:
        record = read_model(adapter / ADAPTER_RECORD, AdapterRecord, what="trained adapter")
        wanted = (base.record.weights_sha256, dataset.manifest.rows_sha256, settings)
        found = (record.base, record.dataset, record.settings)
        if found == wanted and sha256_of(adapter / ADAPTER_WEIGHTS) == record.sha256:
            return record
    except BadFile:
        pass
    shutil.rmtree(adapter, ignore_errors=True)
    return None


def merge_adapter(foundry: Foundry, base: BasePack, adapter: Path, scale: float, out: Path) -> MergeRecord:
    """Merge into ``out``, which must not exist.

    Raises:
        BadFile: ``adapter`` holds no adapter that Suture trained or imported.
        UsageError: it was trained on another base.
    """
    if (adapter / IMPORT_RECORD).exists():
        record = read_model(adapter / IMPORT_RECORD, ImportedAdapter, what="imported adapter")
        dataset, settings = None, record.settings
    else:
        others = (adapter / ADAPTER_CONFIG).exists()
        mend = f"suture import adapter {adapter} --base MODEL" if others else "suture train DATASET --base MODEL"
        record = read_model(adapter / ADAPTER_RECORD, AdapterRecord, what="trained adapter", mend=mend)
        dataset, settings = record.dataset, _merge_settings(record.settings)
    if record.base != base.record.weights_sha256:
        raise UsageError(f"{adapter} was trained on another base ({record.base[:12]})", mend="give its own --base")
    if sha256_of(adapter / ADAPTER_WEIGHTS) != record.sha256:
        raise BadFile(f"the weights of {adapter} are not those that its record names", mend="import or train it again")
    foundry.merge(base.directory, adapter, scale, out)
    merged = MergeRecord(
        base=base.record.source_sha256, adapter=record.sha256, dataset=dataset, scale=scale, settings=settings
    )
    write_json(out / MERGE_RECORD, merged.to_json())
    return merged


def _merge_settings(trained: TrainSettings) -> MergeSettings:
    targets = tuple(sorted(trained.target_modules))
    return MergeSettings(rank=trained.rank, alpha=trained.alpha, target_modules=targets)


def make_pack(
    foundry: Foundry,
    merged: Path,
    base: BasePack,
    quantisation: Quantisation,
    out: Path,
    *,
    prompts: Sequence[str],
    plan: str | None,
) -> PackManifest:
    """Write the pack, prove that it is the merged model, and write its manifest beside it.

    Raises:
        Fault: the proof fails. The file is removed: a pack that cannot be proved is no pack.
    """
    record = read_model(merged / MERGE_RECORD, MergeRecord, what="merged model", mend="suture merge ADAPTER")
    if record.base != base.record.source_sha256:
        raise UsageError(f"{merged} was merged from another base ({record.base[:12]})", mend="give its own --base")
    lineage = _lineage(record, base.record, plan)
    unproved = out.with_name(f".{out.name}.unproved.gguf")
    try:
        sha256 = foundry.pack(merged, base.directory, quantisation, unproved, lineage)
        parity = foundry.prove(unproved, merged, prompts)
        if not parity.holds:
            raise Fault(f"{out} would not be the merged model: {'; '.join(parity.complaints)}")
        unproved.replace(out)
    finally:
        unproved.unlink(missing_ok=True)
    manifest = PackManifest(
        sha256=sha256,
        bytes=out.stat().st_size,
        base=record.base,
        base_name=base.record.name,
        adapter=record.adapter,
        scale=record.scale,
        settings=record.settings,
        quantisation=quantisation,
        architecture=base.record.architecture,
        chat_template_digest=base.record.chat_template_digest,
        tokenizer_digest=base.record.tokenizer_digest,
        dataset=record.dataset,
        plan=plan,
        licence=base.record.licence,
        parity=parity,
    )
    write_json(manifest_path(out), manifest.to_json())
    return manifest


def _lineage(merged: MergeRecord, base: BaseRecord, plan: str | None) -> dict[str, str]:
    """What the file says of itself: strings, for ``suture.*`` keys."""
    settings = merged.settings
    said = {
        "base": merged.base,
        "base_name": base.name,
        "adapter": merged.adapter,
        "scale": f"{merged.scale:g}",
        "rank": f"{settings.rank}" if settings else "",
        "alpha": f"{settings.alpha:g}" if settings else "",
        "target_modules": " ".join(settings.target_modules) if settings else "",
        "dataset": merged.dataset or "",
        "plan": plan or "",
        "licence": base.licence,
        "chat_template_digest": base.chat_template_digest,
        "tokenizer_digest": base.tokenizer_digest,
    }
    return {key: text for key, text in said.items() if text}
