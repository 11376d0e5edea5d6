"""What differs between two GGUF files: which tensors moved, by how much, and which metadata."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from suture.core.digest import digest_of_bytes
from suture.core.errors import UsageError
from suture.core.frozen import Frozen
from suture.core.json_types import is_list
from suture.core.plan.ports import Progress
from suture.files.gguf_header import Entry, TensorPlace, read_header
from suture.packs.gguf.quantise import decode

_CHUNK = 1 << 22
"""Elements compared at once: bounds memory at some tens of megabytes, whatever a file holds."""


class TensorMove(Frozen):
    """One tensor in both files.

    Attributes:
        relative: Frobenius norm of the difference over that of the first file's tensor; None where only the bytes could
            be compared, for another shape or a type whose numbers cannot be read.
        largest: largest absolute difference of one element.
    """

    name: str
    before: str
    after: str
    relative: float | None
    largest: float | None


class MetadataChange(Frozen):
    """Texts are shortened; None where the file lacks the key."""

    key: str
    before: str | None
    after: str | None


class PackDiff(Frozen):
    """``moved`` is sorted, the largest relative move first."""

    tensors: int
    moved: tuple[TensorMove, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    metadata: tuple[MetadataChange, ...]


def diff_packs(before: Path, after: Path, *, progress: Progress | None = None) -> PackDiff:
    """Compare numbers, so that a tensor kept in two formats moves by what the formats round.

    Raises:
        BadFile: either cannot be read.
        UsageError: they hold no tensor of the same name.
    """
    headers = read_header(before), read_header(after)
    ours, theirs = (header.tensors for header in headers)
    shared = [name for name in ours if name in theirs]
    if not shared:
        raise UsageError(f"{before} and {after} have no tensor in common", mend="compare packs of one architecture")
    data = [np.memmap(path, dtype=np.uint8, mode="r") for path in (before, after)]
    if progress:
        progress.start("compare tensors", len(shared))
    moved: list[TensorMove] = []
    for name in shared:
        move = _move(data[0], ours[name], data[1], theirs[name])
        if move is not None:
            moved.append(move)
        if progress:
            progress.advance()
    if progress:
        progress.finish()
    moved.sort(key=lambda move: (move.relative is None, move.relative or 0.0), reverse=True)
    keys = dict.fromkeys([*headers[0].entries, *headers[1].entries])
    entries = ((key, headers[0].entries.get(key), headers[1].entries.get(key)) for key in keys)
    return PackDiff(
        tensors=len(shared),
        moved=tuple(moved),
        only_before=tuple(name for name in ours if name not in theirs),
        only_after=tuple(name for name in theirs if name not in ours),
        metadata=tuple(MetadataChange(key=k, before=_shown(a), after=_shown(b)) for k, a, b in entries if a != b),
    )


def _move(
    data: NDArray[np.uint8], place: TensorPlace, other_data: NDArray[np.uint8], other: TensorPlace
) -> TensorMove | None:
    raw, other_raw = data[place.start :][: place.nbytes], other_data[other.start :][: other.nbytes]
    same_form = (place.type, place.shape) == (other.type, other.shape)
    if same_form and np.array_equal(raw, other_raw):
        return None
    relative = largest = None
    if place.shape == other.shape:
        try:
            relative, largest = _distance(raw, place, other_raw, other)
        except NotImplementedError:  # a type that gguf cannot decode
            pass
        else:
            if largest == 0 and same_form:
                return None  # a zero of another sign, say
    forms = [f"{at.type.name} {'x'.join(map(str, at.shape))}" for at in (place, other)]
    return TensorMove(name=place.name, before=forms[0], after=forms[1], relative=relative, largest=largest)


def _distance(
    raw: NDArray[np.uint8], place: TensorPlace, other_raw: NDArray[np.uint8], other: TensorPlace
) -> tuple[float | None, float | None]:
    """(relative Frobenius norm, largest absolute difference); None for what is not finite."""
    rows, columns = int(np.prod(place.shape[:-1], dtype=np.int64)), place.shape[-1]
    step = max(1, _CHUNK // columns)
    moved = size = largest = 0.0
    for first in range(0, rows, step):
        count = min(step, rows - first)
        here, there = (_rows(*side, first, count, rows) for side in ((raw, place), (other_raw, other)))
        with np.errstate(invalid="ignore", over="ignore"):
            difference = there - here
            moved += float(np.square(difference, dtype=np.float64).sum())
            size += float(np.square(here, dtype=np.float64).sum())
            largest = max(largest, float(np.abs(difference).max()))
    relative = float(np.sqrt(moved / size)) if size else float("inf")
    return relative if np.isfinite(relative) else None, largest if np.isfinite(largest) else None


def _rows(raw: NDArray[np.uint8], place: TensorPlace, first: int, count: int, rows: int) -> Any:
    row_bytes, columns = place.nbytes // rows, place.shape[-1]
    return decode(np.asarray(raw[first * row_bytes : (first + count) * row_bytes]), place.type, (count, columns))


def _shown(entry: Entry | None) -> str | None:
    if entry is None:
        return None
    if is_list(entry.value):
        return f"{len(entry.value)} values, {_hash_of(entry.value)}"
    text = str(entry.value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return text if len(text) <= 80 else f"{text[:40]}... ({len(text)} characters, {_hash_of(text)})"


def _hash_of(value: Any) -> str:
    return "sha256 " + digest_of_bytes(repr(value).encode("utf-8", "backslashreplace"))[:12]
