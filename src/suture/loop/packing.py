"""Merges an adapter into its base, and makes the pack of it: written, proved, with its manifest beside it."""

from collections.abc import Sequence
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
from suture.core.model.base import BaseRecord
from suture.core.model.pack_manifest import PackManifest, Quantisation
from suture.core.model.train_settings import TrainSettings
from suture.core.plan.ports import Foundry
from suture.files.small_files import read_model, sha256_of, write_json
from suture.loop.base_pack import BasePack
from suture.store.kept_packs import manifest_path


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
