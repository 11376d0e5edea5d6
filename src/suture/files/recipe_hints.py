"""What somebody meant who writes a recipe with the words of another tool, or a key in another place."""

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel

from suture.core.json_types import is_list, is_object

OTHER_WORDS = {
    "learning_rate": "lr",
    "max_lr": "lr",
    "lora_alpha": "alpha",
    "lora_r": "rank",
    "lora_rank": "rank",
    "lora_dim": "rank",
    "r": "rank",
    "num_train_epochs": "epochs",
    "num_epochs": "epochs",
    "per_device_train_batch_size": "train.batch",
    "micro_batch_size": "train.batch",
    "train_batch_size": "train.batch",
    "batch_size": "train.batch",
    "max_seq_length": "max_len",
    "max_seq_len": "max_len",
    "max_length": "max_len",
    "sequence_len": "max_len",
    "cutoff_len": "max_len",
    "lora_target_modules": "target_modules",
    "lora_target": "target_modules",
    "kl_coef": "kl_weight",
    "kl_beta": "kl_weight",
    "save_steps": "keep_every",
    "base_model": "base",
    "model_name": "base",
    "model_name_or_path": "base",
    "pretrained_model_name_or_path": "base",
    "dataset": "suites",
    "datasets": "suites",
    "tasks": "suites",
    "suite": "suites",
    "max_new_tokens": "engine.max_tokens",
    "max_gen_toks": "engine.max_tokens",
    "num_threads": "engine.threads",
    "n_threads": "engine.threads",
    "backend": "engine.name",
    "quantization": "quantisation",
    "quant": "quantisation",
    "outtype": "quantisation",
    "ftype": "quantisation",
    "test_split": "splits",
    "split": "splits",
    "val_set_size": "splits.holdout",
    "test_size": "splits.holdout",
    "lora": "train",
    "training": "train",
    "optimizer": "train",
}
"""Keys of peft, transformers, trl, axolotl, unsloth, LLaMA-Factory, lm-eval and llama.cpp, and what they are here."""

OF_SPLITS = {
    "train": "repair",
    "training": "repair",
    "test": "holdout",
    "eval": "holdout",
    "evaluation": "holdout",
    "heldout": "holdout",
    "hold_out": "holdout",
    "val": "dev",
    "valid": "dev",
    "validation": "dev",
}
"""What the splits are called elsewhere."""


def meant_by(key: str, model: type[BaseModel]) -> str | None:
    """The dotted key of ``model`` that somebody meant by ``key``, where it is another word or stands elsewhere."""
    known = list(dotted_keys(model))
    parent, _, leaf = key.rpartition(".")
    leaf = _plain(leaf)
    if parent == "splits" and leaf in OF_SPLITS:
        return f"splits.{OF_SPLITS[leaf]}"
    wanted = OTHER_WORDS.get(leaf, leaf)
    for name in known:
        if name == wanted or (name.endswith(f".{wanted}") and "." not in wanted):
            return name if name != key else None
    return None


def dotted_keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Every key, those of settings within settings after a dot."""
    for name, field in model.model_fields.items():
        yield prefix + name
        for inner in settings_in(field.annotation):
            yield from dotted_keys(inner, f"{prefix}{name}.")


def settings_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The settings types that a field may hold."""
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from settings_in(part)


def renamed(value: object, dotted: str, model: type[BaseModel]) -> object:
    """The value of settings that stand under another tool's name, with the keys in it as they are called here."""
    if not is_object(value):
        return value
    keys: dict[str, object] = {}
    for key, inner in value.items():
        meant = meant_by(f"{dotted}.{key}", model) or ""
        keys[meant.removeprefix(f"{dotted}.") if meant.startswith(f"{dotted}.") else str(key)] = inner
    return keys


def written_instead(key: str, value: object, wanted: str, model: type[BaseModel]) -> object:
    """What was meant by a value of another sort, or None: one in place of a list of them, a part in percent, a name in
    place of settings with a name, a name with letters that names cannot have."""
    scalar = isinstance(value, str | int | float) and not isinstance(value, bool)
    if wanted == "list" and scalar:
        return [value]
    if wanted == "settings" and value is True and _may_be_empty(key, model):
        return {}
    if wanted == "settings" and isinstance(value, str) and f"{key}.name" in dotted_keys(model):
        return {"name": value}
    if wanted == "part" and scalar:
        digits = str(value).strip().removesuffix("%").strip()
        share = float(digits) / 100 if digits.replace(".", "", 1).isdigit() else 0.0
        return share if 0 < share < 1 else None
    if wanted == "name" and isinstance(value, str):
        return name_of(value) or None
    return None


def _may_be_empty(key: str, model: type[BaseModel]) -> bool:
    """Whether the settings of a key of ``model`` have a default each."""
    kinds = list(settings_in(model.model_fields[key].annotation)) if key in model.model_fields else []
    return any(not any(field.is_required() for field in kind.model_fields.values()) for kind in kinds)


def as_splits_here(written: Mapping[str, object]) -> dict[str, object]:
    """Splits under the names that they have here."""
    return {OF_SPLITS.get(_plain(str(name)), str(name)): value for name, value in written.items()}


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")


def name_of(text: str) -> str:
    """The name that a text can be, of a recipe or a model; empty where nothing of it can."""
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._")


def in_yaml(dotted: str, value: object) -> str:
    """A key and its value as they are written in a recipe: ``train: {lr: 0.0001}``."""
    *parents, leaf = dotted.split(".")
    written = f"{leaf}: {_flow(value)}"
    for parent in reversed(parents):
        written = f"{parent}: {{{written}}}"
    return written


def _flow(value: Any) -> str:
    """A value in YAML, in one line."""
    if is_object(value):
        return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if is_list(value):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
