"""Imports an adapter that another tool trained, and writes it as peft would."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import TensorSpec, serialize

from suture.core.errors import BadFile, Fault
from suture.core.model.adapter_records import (
    ADAPTER_CONFIG,
    ADAPTER_WEIGHTS,
    IMPORT_RECORD,
    ImportedAdapter,
    MergeSettings,
)
from suture.core.model.base import BASE_RECORD, BaseRecord
from suture.files.atomic import whole_directory
from suture.files.small_files import read_model, require_inside, sha256_of, write_json
from suture.packs.adapters.its_base import require_its_base
from suture.packs.adapters.merge_check import sums
from suture.packs.adapters.names import canonical
from suture.packs.adapters.settings import read_settings, stated
from suture.packs.adapters.updates import Update, read_updates
from suture.packs.hugging_face.bf16 import bf16_patterns
from suture.packs.hugging_face.weights import Weight, open_weights

_DTYPES = {"BF16": "bfloat16", "F16": "float16", "F32": "float32"}


def import_adapter(source: Path, base: Path, out: Path, *, any_name: bool = False) -> ImportedAdapter:
    """Write the adapter of ``source`` into ``out`` in peft's canonical form, checked against the prepared ``base``.

    Args:
        source: a directory that peft's ``save_pretrained`` wrote, by whatever tool.
        any_name: nothing has to show that ``base`` is the adapter's own; its shapes must still fit.

    Raises:
        BadFile: no safetensors weights (pickled ones are refused), or files that cannot be read or hold not-a-number.
        UsageError: another base, shapes that do not fit it, anything but plain LoRA, or ``out`` exists.
    """
    if source.is_dir():
        require_inside(source)
    settings = read_settings(source)
    record = read_model(base / BASE_RECORD, BaseRecord, what="prepared base model")
    said = str(stated(source).get("base_model_name_or_path") or "")
    weights = open_weights(base)
    updates = read_updates(source, settings, weights)
    if not any_name:
        require_its_base(source, said, updates, base=base, record=record, weights=weights)
    for update in updates:
        if not (np.isfinite(update.a.as_float32()).all() and np.isfinite(update.b.as_float32()).all()):
            raise BadFile(f"{source} holds not-a-number in the update of {update.name!r}", mend="train it again")
    written = canonical_settings(updates, settings, weights)
    with whole_directory(out) as partial:
        _write_weights(updates, written, partial / ADAPTER_WEIGHTS)
        write_json(partial / ADAPTER_CONFIG, _config(written, said))
        _require_alike(partial, updates, weights)
        imported = ImportedAdapter(
            sha256=sha256_of(partial / ADAPTER_WEIGHTS),
            base=record.weights_sha256,
            base_said=said,
            source=str(source),
            source_sha256=sha256_of(source / ADAPTER_WEIGHTS),
            matrices=len(updates),
            parameters=sum(update.a.stored.size + update.b.stored.size for update in updates),
            settings=written,
        )
        write_json(partial / IMPORT_RECORD, imported.to_json())
    return imported


def canonical_settings(updates: Iterable[Update], settings: MergeSettings, base: Mapping[str, Any]) -> MergeSettings:
    """Write settings in one form that peft reads alike: every adapted module named, and no pattern but whole names."""
    updates = list(updates)
    rank = Counter(update.rank for update in updates).most_common(1)[0][0]
    alpha = Counter(update.alpha for update in updates).most_common(1)[0][0]
    return MergeSettings(
        rank=rank,
        alpha=alpha,
        rslora=settings.rslora,
        target_modules=_targets({update.module for update in updates}, base),
        rank_pattern={update.module: update.rank for update in updates if update.rank != rank},
        alpha_pattern={update.module: update.alpha for update in updates if update.alpha != alpha},
    )


def _targets(adapted: set[str], base: Iterable[str]) -> tuple[str, ...]:
    """Short names (``q_proj``) where every module of that name is adapted, whole ones elsewhere."""
    modules = {name.removesuffix(".weight") for name in base if name.endswith(".weight")}
    found: set[str] = set()
    for module in adapted:
        short = module.rsplit(".", 1)[-1]
        alike = {other for other in modules if other.rsplit(".", 1)[-1] == short}
        found.add(short if alike <= adapted else module)
    return tuple(sorted(found))


def _config(settings: MergeSettings, base_said: str) -> dict[str, Any]:
    return {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base_said or None,
        "r": settings.rank,
        "lora_alpha": settings.alpha,
        "use_rslora": settings.rslora,
        "target_modules": list(settings.target_modules),
        "rank_pattern": settings.rank_pattern,
        "alpha_pattern": settings.alpha_pattern,
        "lora_dropout": 0.0,
        "bias": "none",
        "fan_in_fan_out": False,
        "init_lora_weights": True,
        "inference_mode": True,
    }


def _write_weights(updates: Iterable[Update], settings: MergeSettings, out: Path) -> None:
    """Write the settings into the file too: the digest names an adapter, and must change when alpha does."""
    kept: dict[str, Weight] = {}
    for update in updates:
        kept[canonical(update.module, "A")], kept[canonical(update.module, "B")] = update.a, update.b
    arrays = {
        name: bf16_patterns(weight) if weight.kind == "BF16" else np.ascontiguousarray(weight.stored)
        for name, weight in kept.items()
    }
    specs = {
        name: TensorSpec(
            dtype=_DTYPES[kept[name].kind], shape=array.shape, data_ptr=array.ctypes.data, data_len=array.nbytes
        )
        for name, array in arrays.items()
    }
    data = serialize(specs, metadata={"format": "pt", "suture.settings": settings.digest})
    out.write_bytes(_with_sorted_metadata(data))


def _with_sorted_metadata(data: bytes) -> bytes:
    """Sort the keys of a safetensors file's metadata: the library writes them in another order each time."""
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    return data[:8] + text.ljust(size) + data[8 + size :]


def _require_alike(written: Path, updates: list[Update], base: Mapping[str, Weight]) -> None:
    """What was written is read again and means the same, and one matrix of it can be merged."""
    again = read_updates(written, read_settings(written), base)
    for before, after in zip(updates, again, strict=True):
        same = before.name == after.name and before.factor == after.factor
        if not same or not all(
            np.array_equal(one.stored, other.stored) for one, other in ((before.a, after.a), (before.b, after.b))
        ):
            raise Fault(f"the update of {before.name!r} was not written as it was read")
    with np.errstate(over="ignore", invalid="ignore"):
        if not np.isfinite(sums(base, again[0])).all():
            raise BadFile(f"the update of {again[0].name!r} is beyond float32", mend="train it again")
