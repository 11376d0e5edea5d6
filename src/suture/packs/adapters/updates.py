"""What an adapter adds to each matrix of its base, read without torch.

Format: https://huggingface.co/docs/peft/developer_guides/checkpoint.
"""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from suture.core.errors import BadFile, UsageError
from suture.core.model.adapter_records import ADAPTER_CONFIG, ADAPTER_WEIGHTS, MergeSettings
from suture.packs.adapters.names import kind_of, matrix_of, whole_of
from suture.packs.hugging_face.bf16 import bf16_patterns
from suture.packs.hugging_face.weights import Weight, read_weights

_OTHER_BASE = "give its own --base"


class Update(NamedTuple):
    """What an adapter adds to the matrix ``name`` (out, in): ``factor * b @ a`` with a (r, in) and b (out, r).

    The factor is ``alpha / rank``, or ``alpha / sqrt(rank)`` with rslora.
    """

    name: str
    a: Weight
    b: Weight
    factor: float
    alpha: float

    @property
    def module(self) -> str:
        return self.name.removesuffix(".weight")

    @property
    def rank(self) -> int:
        return self.a.stored.shape[0]


def read_updates(adapter: Path, settings: MergeSettings, base: Mapping[str, Weight]) -> list[Update]:
    """Every update, each checked against the matrix of ``base`` it is added to. Nothing is computed yet.

    Raises:
        BadFile: weights that cannot be read, or an A without its B.
        UsageError: a matrix the base does not have, or has in another shape; a part that is no LoRA matrix.
    """
    file = adapter / ADAPTER_WEIGHTS
    pairs: dict[str, dict[str, Weight]] = {}
    trained_as: dict[str, tuple[str, ...]] = {}
    names: set[str] = set()
    for key, weight in read_weights(file).items():
        matrix = matrix_of(key, base)
        if matrix is None:
            _require_the_base_s(file, key, weight, base)
            continue
        if matrix.side in pairs.setdefault(matrix.module, {}):
            raise UsageError(f"{file} has the matrix {matrix.side} of {matrix.module!r} twice", mend="save one adapter")
        pairs[matrix.module][matrix.side] = weight
        trained_as[matrix.module] = (*matrix.trained_as, matrix.module)
        names.add(matrix.adapter)
    if not pairs:
        raise BadFile(f"{file} holds no LoRA matrices", mend="save the adapter again")
    if len(names) > 1:
        raise UsageError(f"{file} holds several adapters: {', '.join(sorted(names))}", mend="save one adapter")
    return [_update(adapter, trained_as[module], pair, settings, base) for module, pair in sorted(pairs.items())]


def _require_the_base_s(file: Path, key: str, weight: Weight, base: Mapping[str, Weight]) -> None:
    """A whole tensor may lie there if it is the base's own, up to the base's rounding to BF16."""
    name = whole_of(key, base)
    if name is None:
        raise UsageError(
            f"{file} has a part that is no LoRA matrix: {key!r}, {kind_of(key)}",
            mend="train plain LoRA; if only the key is spelt otherwise, rename it as peft's save_pretrained does",
        )
    same = weight.stored.shape == base[name].stored.shape
    if not same or not np.array_equal(bf16_patterns(weight), bf16_patterns(base[name])):
        raise UsageError(
            f"{file} has a part that is no LoRA matrix: {key!r}, not the base's own: it was trained or resized",
            mend="merge the adapter with the tool that trained it and give the result as a base",
        )


def _update(
    adapter: Path,
    spellings: tuple[str, ...],
    pair: Mapping[str, Weight],
    settings: MergeSettings,
    base: Mapping[str, Weight],
) -> Update:
    """``spellings``: names of the module, the base's own one last; patterns may use any."""
    module = spellings[-1]
    name = f"{module}.weight"
    if len(pair) != 2:
        raise BadFile(f"{adapter} has only one of the two matrices of {module!r}", mend="save the adapter again")
    a, b = pair["A"], pair["B"]
    if name not in base:
        if module == "lm_head":
            raise UsageError(
                f"{adapter} adapts 'lm_head', and the output matrix of this base is its embeddings: peft adds such an "
                "update to one of the two",
                mend="merge it with the tool that trained it and give the result as a base",
            )
        raise UsageError(f"{adapter} adapts {module!r}, which the base does not have", mend=_OTHER_BASE)
    if module.endswith("embed_tokens") or base[name].stored.ndim != 2:
        raise UsageError(f"{adapter} adapts {module!r}, which is no matrix of a layer", mend="train without it")
    out, inside = base[name].stored.shape
    fits = a.stored.ndim == b.stored.ndim == 2 and (a.stored.shape[1], b.stored.shape[0]) == (inside, out)
    if not fits or a.stored.shape[0] != b.stored.shape[1]:
        raise UsageError(
            f"{adapter} does not fit the base: {module!r} is {out}x{inside}, its update {_form(b.stored)} by "
            f"{_form(a.stored)}",
            mend=_OTHER_BASE,
        )
    rank = _of(settings.rank_pattern, spellings, settings.rank)
    if a.stored.shape[0] != rank:
        raise UsageError(
            f"{adapter / ADAPTER_CONFIG} gives {module!r} the rank {rank}, and its matrices have {a.stored.shape[0]}",
            mend="state the rank it was trained with: r, or rank_pattern for some modules",
        )
    alpha = float(_of(settings.alpha_pattern, spellings, settings.alpha))
    return Update(name, a, b, alpha / (math.sqrt(rank) if settings.rslora else rank), alpha)


def _of(pattern: Mapping[str, Any], spellings: tuple[str, ...], default: Any) -> Any:
    """peft's rule: the first key that is, or ends, the module's name, as it was trained."""
    for key, value in pattern.items():
        if any(re.fullmatch(rf"(.*\.)?({key})", name) for name in spellings):
            return value
    return default


def _form(array: NDArray[Any]) -> str:
    return "x".join(map(str, array.shape))
