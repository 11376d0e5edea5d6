"""Whether a base is the one that an adapter was trained on: by weights and tokenizer, where there are any to look at.

The name in an adapter's configuration is what its trainer was given: a hub id, or some directory of some machine.
"""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from suture.core.errors import SutureError, UsageError
from suture.core.json_types import is_list, is_object
from suture.core.model.base import BaseRecord
from suture.files.names import is_directory
from suture.files.small_files import read_json
from suture.packs.adapters.updates import Update
from suture.packs.hugging_face.bf16 import bf16_patterns
from suture.packs.hugging_face.weights import Weight, open_weights

TOKENIZER = "tokenizer.json"
MOST_COMPARED, ROWS_COMPARED = 4, 64
"""Matrices and rows of each that are enough to tell two models apart."""
ANOTHER_MODEL = 0.5
"""Relative distance of two matrices from which on they are not one matrix rounded in two ways: 4 bits make 0.1."""
ANY_NAME = "give its own --base, or --any-name if it is the same model under another name"


def require_its_base(
    adapter: Path,
    said: str,
    updates: Iterable[Update],
    *,
    base: Path,
    record: BaseRecord,
    weights: Mapping[str, Weight],
) -> None:
    """Refuse a base that is another model than the adapter's, and one that nothing shows to be the same.

    Args:
        adapter: the directory of the adapter; trainers often leave the tokenizer in it.
        said: what the adapter's configuration calls its base.
        updates: shapes of theirs fit ``base`` already.
        base: the prepared base, whose ``record`` and ``weights`` are given.

    Raises:
        UsageError: says what was compared.
    """
    called = record.name or Path(record.source).name
    place = _directory(said, adapter)
    if place is not None:
        same = _same_weights(place, updates, weights)
        if same is not None:
            return _require(same, f"{adapter} was trained on {place}, whose weights are not those of {called!r}")
    beside, own = _vocabulary(adapter), _vocabulary(base)
    if beside and own:
        alike = _one_holds_the_other(beside, own)
        _require(alike, f"{adapter} was trained with another tokenizer ({adapter / TOKENIZER}) than that of {called!r}")
        if not _is_hub_id(said):  # a directory's name says nothing of the model in it
            return None
    named = {_plain(record.source), _plain(record.name)}
    trained_on = said or "a base it does not name"
    return _require(_plain(said) in named, f"{adapter} was trained on {trained_on!r}, not on {called!r}")


def _require(holds: bool, complaint: str) -> None:
    if not holds:
        raise UsageError(complaint, mend=ANY_NAME)


def _directory(said: str, adapter: Path) -> Path | None:
    """The directory that is meant, where it is on this machine; relative names are tried from the adapter too."""
    if not said:
        return None
    places = [Path(os.path.expanduser(said)), adapter / said, adapter.parent / said]  # noqa: PTH111 - never raises
    return next((place for place in places if is_directory(place) and any(place.glob("*.safetensors"))), None)


def _same_weights(place: Path, updates: Iterable[Update], base: Mapping[str, Weight]) -> bool | None:
    """Compare a few of the matrices that the adapter changes; None where they are near and not equal.

    Near are the same weights rounded otherwise, and a model that was trained further: that is not told apart here.
    """
    try:
        theirs = open_weights(place)
    except SutureError:
        return None
    names = [update.name for update in updates if update.name in theirs and update.name in base][:MOST_COMPARED]
    pairs = [(_some_rows(theirs[name]), _some_rows(base[name])) for name in names]
    if not pairs:
        return None
    if any(one.stored.shape != other.stored.shape for one, other in pairs):
        return False
    if all(np.array_equal(bf16_patterns(one), bf16_patterns(other)) for one, other in pairs):
        return True
    return False if max(_distance(one, other) for one, other in pairs) > ANOTHER_MODEL else None


def _some_rows(weight: Weight) -> Weight:
    return weight._replace(stored=weight.stored[:ROWS_COMPARED])


def _distance(one: Weight, other: Weight) -> float:
    first, second = one.as_float32(), other.as_float32()
    return float(np.linalg.norm(first - second) / max(float(np.linalg.norm(second)), 1e-30))


def _vocabulary(directory: Path) -> dict[str, int]:
    """Every token of ``tokenizer.json`` by its text; empty where there is no such file."""
    if not (directory / TOKENIZER).is_file():
        return {}
    written: Any = read_json(directory / TOKENIZER, what="tokenizer")
    model = written.get("model") if is_object(written) else None
    stated = model.get("vocab") if is_object(model) else None
    found = {str(token): int(index) for token, index in stated.items()} if is_object(stated) else {}
    added = written.get("added_tokens") if is_object(written) else None
    for token in added if is_list(added) else ():
        if is_object(token) and isinstance(token.get("id"), int):
            found[str(token.get("content"))] = token["id"]
    return found


def _one_holds_the_other(one: Mapping[str, int], other: Mapping[str, int]) -> bool:
    """A trainer may have added tokens, and a base may have spare ones; what both have must have the same ids."""
    small, large = sorted((one, other), key=len)
    return all(large.get(token) == index for token, index in small.items())


def _is_hub_id(said: str) -> bool:
    return re.fullmatch(r"[\w][\w.-]*/[\w.-]+", said) is not None


def _plain(name: str) -> str:
    """A model's name without its folder or owner, its quantisation, case and punctuation."""
    last = re.split(r"[/\\]", name.rstrip("/\\"))[-1].lower().removesuffix(".gguf")
    return re.sub(r"[^a-z0-9]", "", re.sub(r"[.-](i?q\d\w*|bf16|f16|f32)$", "", last))
