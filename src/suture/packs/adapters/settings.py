"""``adapter_config.json`` as peft writes it, read by allow list: only values that mean plain LoRA.

Keys: https://huggingface.co/docs/peft/package_reference/lora (``LoraConfig``), up to version 0.21.
"""

import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from suture.core.errors import BadFile, SutureError, UsageError
from suture.core.model.adapter_records import ADAPTER_CONFIG, ADAPTER_WEIGHTS, MergeSettings
from suture.files.small_files import read_json
from suture.packs.stated import Stated, shown

PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
WITHOUT_EFFECT = frozenset(
    {
        *("base_model_name_or_path", "revision", "peft_version", "inference_mode", "auto_mapping", "lora_dropout"),
        *("layers_to_transform", "layers_pattern", "exclude_modules", "megatron_core", "qalora_group_size"),
        *("eva_config", "velora_config", "runtime_config", "merge_weights"),
    }
)
"""How it was trained, and which matrices it was given: what it became is in its tensors."""

PLAIN_STARTS = (True, False, "gaussian", "eva", "orthogonal", "mica")
"""Values of ``init_lora_weights`` that leave the base as it was."""

_OFF: dict[str, tuple[Any, str]] = {
    "use_dora": (False, "DoRA scales every row of the result to a length of its own"),
    "use_qalora": (False, "QA-LoRA pools the inputs before it multiplies"),
    "fan_in_fan_out": (False, "weights are stored transposed"),
    "lora_bias": (False, "trained biases are no part of a matrix"),
    "bias": ("none", "trained biases are no part of a matrix"),
    "modules_to_save": ([], "whole modules were trained beside the matrices"),
    "trainable_token_indices": ([], "rows of the embeddings were trained beside the matrices"),
    "target_parameters": ([], "parameters that are no matrix of a layer were trained"),
    "layer_replication": ([], "it was trained on a model with layers of the base repeated (layer replication)"),
    "megatron_config": ({}, "matrices are spread over devices in Megatron's way"),
    "loftq_config": ({}, "LoftQ trains on a base that was quantised for it"),
    "ensure_weight_tying": (False, "the embeddings and the output matrix were trained as one"),
    "enable_lora": ([], "parts of one matrix were trained"),
}
"""Keys that must be off, with why."""
_ABSENT = {
    "alora_invocation_tokens": "aLoRA works only after a certain text, and a merged matrix always does",
    "alora_invocation_string": "aLoRA works only after a certain text, and a merged matrix always does",
    "arrow_config": "Arrow routes every token among several adapters",
    "kasa_config": "KaSA puts a third matrix between the two, and changes the base",
    "monteclora_config": "MonteCLoRA draws at random beside the matrices",
    "use_bdlora": "BD-LoRA's matrices are made of blocks",
    "corda_config": "CorDA changes the base before training",
    "lora_ga_config": "LoRA-GA changes the base before training",
}
"""Keys that must not be stated at all, with why."""
_CONVERT = (
    "save it with peft's save_pretrained(..., path_initial_model_for_weight_conversion=...), which makes it plain"
)
_PEFT = "give the directory that peft's save_pretrained wrote"
_OTHERWISE = "train plain LoRA; or, if its own tool can merge it, give the merged model as a base"
_MERGE = "merge it with the tool that trained it and give the result as a base, or train plain LoRA"


def read_settings(adapter: Path) -> MergeSettings:
    """Rank, alpha and what else the merge depends on.

    Raises:
        BadFile: no adapter there, pickled weights only, or a configuration that cannot be read.
        UsageError: a method other than plain LoRA, named by its key and value.
    """
    require_safetensors(adapter)
    said = stated(adapter)
    try:
        return _plain(said)
    except SutureError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError) as error:
        first_line = str(error).splitlines()[0]
        raise BadFile(
            f"{said.file} is not the configuration of an adapter: {first_line}", mend="save the adapter again"
        ) from error


def stated(adapter: Path) -> Stated:
    """Raises BadFile: no configuration of an adapter there."""
    file = adapter / ADAPTER_CONFIG
    values = read_json(
        file, what="configuration of an adapter", mend="give a directory that peft's save_pretrained wrote"
    )
    return Stated(values, file, helps=lambda key: _MERGE)


def require_safetensors(adapter: Path) -> None:
    """Raises BadFile: no safetensors weights; pickled ones are named with the reason they are refused."""
    if (adapter / ADAPTER_WEIGHTS).is_file():
        return
    pickled = sorted(file.name for file in adapter.glob("*") if file.suffix in PICKLED) if adapter.is_dir() else []
    others = sorted(file.name for file in adapter.glob("*.safetensors")) if adapter.is_dir() else []
    if pickled:
        reason, mend = (
            f" ({pickled[0]} is pickled: loading it can run code, so it is refused)",
            "save the adapter as safetensors",
        )
    elif others:
        reason, mend = f" ({others[0]} is another tool's)", "save it with peft's save_pretrained, or convert it to that"
    else:
        reason, mend = "", _PEFT
    raise BadFile(f"no {ADAPTER_WEIGHTS} in {adapter}{reason}", mend=mend)


def _plain(said: Stated) -> MergeSettings:
    kind = said.get("peft_type")
    if kind != "LORA":
        raise said.refused("peft_type", "only LORA can be merged with a proof", mend=_OTHERWISE)
    said.only("CAUSAL_LM", keys=["task_type"], why="only an adapter of a causal language model is one of its base")
    start = said.get("init_lora_weights", True)
    if not any(start is plain or (isinstance(start, str) and start == plain) for plain in PLAIN_STARTS):
        raise said.refused(
            "init_lora_weights",
            "such a start changes the base too, so the adapter is the update of another base",
            mend=_CONVERT,
        )
    for key, (off, why) in _OFF.items():
        said.only(off, {} if off == [] else off, keys=[key], why=why)
    for key, why in _ABSENT.items():
        if key in said and said.get(key) is not False:
            raise said.refused(key, why, mend=_CONVERT if "changes the base before" in why else _OTHERWISE)
    patterns = {key: said.get(key, {}) for key in ("rank_pattern", "alpha_pattern")}
    for key, pattern in patterns.items():
        if odd := [name for name in pattern if not re.fullmatch(r"[\w.^\\]+", name)]:
            raise UsageError(
                f"{said.file}: {key} has {shown(odd[0])}: such patterns are more than names of modules",
                mend="name each module there",
            )
    targets = said.get("target_modules", ())
    settings = MergeSettings(
        rank=said.get("r"),
        alpha=said.get("lora_alpha"),
        rslora=said.flag("use_rslora", False),
        target_modules=(targets,) if isinstance(targets, str) else tuple(sorted(targets)),
        rank_pattern=patterns["rank_pattern"],
        alpha_pattern=patterns["alpha_pattern"],
    )
    said.finish(WITHOUT_EFFECT, why="Suture does not know whether that is plain LoRA")
    return settings
