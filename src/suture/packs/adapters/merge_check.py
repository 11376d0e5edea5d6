"""The proof that a merge added an adapter once and at its scale: the merge computed again, in numpy."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from suture.packs.adapters.settings import read_settings
from suture.packs.adapters.updates import Update, read_updates
from suture.packs.hugging_face.weights import Weight, open_weights

_FLOAT_STEP = 2.0**-23
_HALF_BF16_STEP = 2.0**-8


class MergeCheck(NamedTuple):
    """``failed`` names the tensors that are not what the merge should give; ``changed`` counts those it moved."""

    adapted: int
    changed: int
    failed: tuple[str, ...]


def require_plain(adapter: Path, base: Path) -> None:
    """Refuse an adapter that `suture import` would refuse, wherever one is computed with.

    Raises:
        BadFile, UsageError: as ``read_settings`` and ``read_updates``.
    """
    read_updates(adapter, read_settings(adapter), open_weights(base))


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
        if not (same if update is None else _rounded_sum(before[name], update, scale, after[name])):
            failed.append(name)
    return MergeCheck(len(updates), changed, tuple(failed))


def is_sum(before: Weight, update: Update, after: NDArray[np.float32]) -> bool:
    """Tell whether ``after`` (float32) is the matrix with the whole update in it, up to float32's own rounding."""
    wanted, reach = _sum(before, update, 1.0)
    bound = (update.rank + 4) * _FLOAT_STEP * reach
    return after.shape == wanted.shape and bool(np.all(np.abs(after - wanted) <= bound))


def sums(before: Mapping[str, Weight], update: Update) -> NDArray[np.float32]:
    """The matrix with the whole update in it, float32."""
    return _sum(before[update.name], update, 1.0)[0]


def _rounded_sum(before: Weight, update: Update, scale: float, after: Weight) -> bool:
    wanted, reach = _sum(before, update, scale)
    bound = _HALF_BF16_STEP * np.abs(wanted) + (update.rank + 4) * _FLOAT_STEP * reach
    return after.stored.shape == wanted.shape and bool(np.all(np.abs(after.as_float32() - wanted) <= bound))


def _sum(before: Weight, update: Update, scale: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(the sum, the sum of absolute values that bounds its rounding)."""
    weight, a, b = before.as_float32(), update.a.as_float32(), update.b.as_float32()
    by = np.float32(scale * update.factor)
    reach: NDArray[np.float32] = np.abs(weight) + np.abs(by) * (np.abs(b) @ np.abs(a))
    return np.asarray(weight + by * (b @ a), dtype=np.float32), reach
