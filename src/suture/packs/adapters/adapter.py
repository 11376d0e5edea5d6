"""A LoRA adapter as peft stores it, read without torch, and the proof that a merge added it once and at its scale.

Format: ``adapter_config.json`` and ``adapter_model.safetensors``
(https://huggingface.co/docs/peft/developer_guides/checkpoint).
"""

import math
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from suture.core.errors import BadFile, UsageError
from suture.core.model.adapter import ADAPTER_CONFIG, ADAPTER_WEIGHTS, IMPORT_RECORD, ImportedAdapter, MergeSettings
from suture.core.model.base import BASE_RECORD, BaseRecord
from suture.files.read_write import read_json, read_model, require_inside, sha256_of, write_json
from suture.files.whole import whole_directory
from suture.packs.hugging_face.weights import Weight, open_weights, read_weights

PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
PREFIX = "base_model.model."
_FLOAT_STEP = 2.0**-23
_HALF_BF16_STEP = 2.0**-8


class Update(NamedTuple):
    """What an adapter adds to the matrix ``name`` (out, in): ``factor * b @ a`` with a (r, in) and b (out, r)."""

    name: str
    a: Weight
    b: Weight
    factor: float


class MergeCheck(NamedTuple):
    """``failed`` names the tensors that are not what the merge should give; ``changed`` counts those it moved."""

    adapted: int
    changed: int
    failed: tuple[str, ...]


def read_settings(adapter: Path) -> MergeSettings:
    """Rank, alpha and what else the merge depends on.

    Raises:
        BadFile: no adapter there, pickled weights only, or a configuration that cannot be read.
        UsageError: another method than LoRA, or parts that cannot be merged and proved (DoRA, whole modules, biases).
    """
    require_safetensors(adapter)
    file = adapter / ADAPTER_CONFIG
    try:
        config = read_json(file, what="configuration of an adapter", mend="give a directory that peft wrote")
        kind = config.get("peft_type")
        parts = {
            f"peft_type {kind}": kind != "LORA",
            "DoRA (use_dora)": config.get("use_dora"),
            "whole modules (modules_to_save)": config.get("modules_to_save"),
            f"trained biases (bias: {config.get('bias')})": config.get("bias", "none") != "none",
            "trained biases (lora_bias)": config.get("lora_bias"),
            "trainable tokens": config.get("trainable_token_indices"),
            "weights stored transposed (fan_in_fan_out)": config.get("fan_in_fan_out"),
        }
        refused = [name for name, there in parts.items() if there]
        if refused:
            raise UsageError(
                f"{adapter} is an adapter of a kind that cannot be merged with a proof: {', '.join(refused)}",
                mend="train a plain LoRA adapter, or merge it with its own tool and pack the result as a base",
            )
        patterns = [*(config.get("rank_pattern") or {}), *(config.get("alpha_pattern") or {})]
        if any(not re.fullmatch(r"[\w.^\\]+", pattern) for pattern in patterns):
            raise UsageError(f"{file} has patterns that are more than names of modules", mend="name each module")
        targets = config.get("target_modules") or ()
        return MergeSettings(
            rank=config["r"],
            alpha=config["lora_alpha"],
            rslora=bool(config.get("use_rslora", False)),
            target_modules=(targets,) if isinstance(targets, str) else tuple(sorted(targets)),
            rank_pattern=config.get("rank_pattern") or {},
            alpha_pattern=config.get("alpha_pattern") or {},
        )
    except OSError as error:
        raise BadFile(
            f"{adapter} has no {ADAPTER_CONFIG} ({error.strerror})", mend="give a directory that peft wrote"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError) as error:
        first_line = str(error).splitlines()[0]
        raise BadFile(f"{file} is not the configuration of an adapter: {first_line}", mend="save it again") from error


def require_safetensors(adapter: Path) -> None:
    """Raises BadFile: no safetensors weights; pickled ones are named with the reason they are refused."""
    if (adapter / ADAPTER_WEIGHTS).is_file():
        return
    pickled = sorted(file.name for file in adapter.glob("*") if file.suffix in PICKLED) if adapter.is_dir() else []
    reason = f" ({pickled[0]} is pickled: loading it can run code, so it is refused)" if pickled else ""
    raise BadFile(f"no {ADAPTER_WEIGHTS} in {adapter}{reason}", mend="save the adapter as safetensors")


def read_updates(adapter: Path, settings: MergeSettings, base: Mapping[str, Weight]) -> list[Update]:
    """Every update, each checked against the matrix of ``base`` it is added to. Nothing is computed yet.

    Raises:
        BadFile: weights that cannot be read, or an A without its B.
        UsageError: a matrix the base does not have, or has in another shape.
    """
    pairs: dict[str, dict[str, Weight]] = {}
    for key, weight in read_weights(adapter / ADAPTER_WEIGHTS).items():
        found = re.fullmatch(r"(.+)\.lora_([AB])\.weight", key.removeprefix(PREFIX))
        if found is None:
            raise UsageError(
                f"{adapter} has a part that is no LoRA matrix: {key!r}",
                mend="train without modules_to_save, embeddings and biases",
            )
        pairs.setdefault(found[1], {})[found[2]] = weight
    if not pairs:
        raise BadFile(f"{adapter / ADAPTER_WEIGHTS} holds no LoRA matrices", mend="save the adapter again")
    return [_update(adapter, module, pair, settings, base) for module, pair in sorted(pairs.items())]


def import_adapter(source: Path, base: Path, out: Path, *, any_name: bool = False) -> ImportedAdapter:
    """Copy the weights and configuration of ``source`` into ``out``, checked against the prepared ``base``.

    Args:
        source: a directory that peft's ``save_pretrained`` wrote, by whatever tool.
        any_name: the base may be called otherwise than the adapter's configuration says; its shapes must still fit.

    Raises:
        BadFile: no safetensors weights (pickled ones are refused), or files that cannot be read or hold not-a-number.
        UsageError: another base, shapes that do not fit it, a kind of adapter that cannot be merged, or ``out`` exists.
    """
    if source.is_dir():
        require_inside(source)
    settings = read_settings(source)
    record = read_model(base / BASE_RECORD, BaseRecord, what="prepared base model")
    said = str(read_json(source / ADAPTER_CONFIG, what="configuration").get("base_model_name_or_path") or "")
    if not any_name and _plain(said) not in {_plain(record.source), _plain(record.name)}:
        raise UsageError(
            f"{source} was trained on {said or 'a base it does not name'!r}, not on {Path(record.source).name!r}",
            mend="give its own --base, or --any-name if it is the same model under another name",
        )
    updates = read_updates(source, settings, open_weights(base))
    for update in updates:
        if not (np.isfinite(update.a.as_float32()).all() and np.isfinite(update.b.as_float32()).all()):
            raise BadFile(f"{source} holds not-a-number in the update of {update.name!r}", mend="train it again")
    with whole_directory(out) as partial:
        for name in (ADAPTER_CONFIG, ADAPTER_WEIGHTS):
            shutil.copyfile(source / name, partial / name)
        imported = ImportedAdapter(
            sha256=sha256_of(partial / ADAPTER_WEIGHTS),
            base=record.weights_sha256,
            base_said=said,
            source=str(source),
            matrices=len(updates),
            parameters=sum(update.a.stored.size + update.b.stored.size for update in updates),
            settings=settings,
        )
        write_json(partial / IMPORT_RECORD, imported.to_json())
    return imported


def check_merge(base: Path, adapter: Path, scale: float, merged: Path) -> MergeCheck:
    """Compute the merge again, in numpy, and compare every tensor of ``merged`` with it.

    An adapted matrix W must be ``W + scale * factor * B @ A`` rounded to BF16: within half a step, 2^-8 of its value,
    and what float32 sums in another order may differ by, ``(r + 4) 2^-23 (|W| + scale * factor * |B| @ |A|)``. All
    others must be the base's bit for bit.
    """
    before, after = open_weights(base), open_weights(merged)
    updates = {u.name: u for u in read_updates(adapter, read_settings(adapter), before)}
    failed, changed = [*sorted(before.keys() ^ after.keys())], 0
    for name in before.keys() & after.keys():
        same = before[name].kind == after[name].kind and np.array_equal(before[name].stored, after[name].stored)
        changed += not same
        update = updates.get(name)
        if not (same if update is None else _is_sum(before[name], update, scale, after[name])):
            failed.append(name)
    return MergeCheck(len(updates), changed, tuple(failed))


def _is_sum(before: Weight, update: Update, scale: float, after: Weight) -> bool:
    weight, a, b = before.as_float32(), update.a.as_float32(), update.b.as_float32()
    by = np.float32(scale * update.factor)
    wanted = weight + by * (b @ a)
    reach = np.abs(weight) + np.abs(by) * (np.abs(b) @ np.abs(a))
    bound = _HALF_BF16_STEP * np.abs(wanted) + (a.shape[0] + 4) * _FLOAT_STEP * reach
    return after.stored.shape == wanted.shape and bool(np.all(np.abs(after.as_float32() - wanted) <= bound))


def _update(
    adapter: Path, module: str, pair: Mapping[str, Weight], settings: MergeSettings, base: Mapping[str, Weight]
) -> Update:
    name = f"{module}.weight"
    if len(pair) != 2:
        raise BadFile(f"{adapter} has only one of the two matrices of {module!r}", mend="save the adapter again")
    a, b = pair["A"], pair["B"]
    if name not in base:
        raise UsageError(f"{adapter} adapts {module!r}, which the base does not have", mend="give its own --base")
    rank = _of(settings.rank_pattern, module, settings.rank)
    out, inside = base[name].stored.shape
    if a.stored.shape != (rank, inside) or b.stored.shape != (out, rank):
        raise UsageError(
            f"{adapter} does not fit the base: {module!r} is {out}x{inside}, the update of rank {rank} is "
            f"{_form(b.stored)} by {_form(a.stored)}",
            mend="give its own --base",
        )
    alpha = _of(settings.alpha_pattern, module, settings.alpha)
    return Update(name, a, b, alpha / (math.sqrt(rank) if settings.rslora else rank))


def _plain(name: str) -> str:
    """A model's name without its folder or owner, its quantisation, case and punctuation."""
    last = re.split(r"[/\\]", name.rstrip("/\\"))[-1].lower().removesuffix(".gguf")
    return re.sub(r"[^a-z0-9]", "", re.sub(r"[.-](i?q\d\w*|bf16|f16|f32)$", "", last))


def _of(pattern: Mapping[str, Any], module: str, default: Any) -> Any:
    """peft's rule: the first key that is, or ends, the module's name."""
    return next((value for key, value in pattern.items() if re.fullmatch(rf"(.*\.)?({key})", module)), default)


def _form(array: NDArray[Any]) -> str:
    return "x".join(map(str, array.shape))
