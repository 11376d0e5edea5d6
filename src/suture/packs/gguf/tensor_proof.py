"""Proves that a pack is the model that was merged: every tensor is read back and compared."""

from pathlib import Path

import numpy as np

from suture.core.model.proof import TensorProof
from suture.files.gguf_header import TensorPlace, read_header
from suture.packs.gguf.layout import ROPE_FREQUENCIES, Layout
from suture.packs.gguf.quantise import ENDLESS, decode, worst_error
from suture.packs.hugging_face.weights import Weight, open_weights

WORST = 10


def compare_tensors(pack: Path, merged: Path) -> tuple[int, int, tuple[TensorProof, ...]]:
    """Compare each tensor of ``pack`` with the weights in ``merged``.

    A tensor that is missing on either side, or of another shape, fails with an endless error: it is never skipped.

    Returns:
        (tensors checked, tensors failed, the ``WORST`` nearest to their bound or furthest beyond it, worst first).

    Raises:
        BadFile: either side cannot be read.
    """
    header = read_header(pack)
    layout = Layout.of(header, pack)
    places = {name: place for name, place in header.tensors.items() if name != ROPE_FREQUENCIES}
    data = np.memmap(pack, dtype=np.uint8, mode="r")
    proofs: list[TensorProof] = []
    for source, weight in open_weights(merged).items():
        place = places.pop(layout.name(source), None)
        proofs.append(_prove(data, place, source, weight, layout))
    proofs += [_failure(name, f"{place.type.name} (not in the merged model)") for name, place in places.items()]
    proofs.sort(key=lambda proof: (not proof.holds, proof.max_error / (proof.bound or 1.0)), reverse=True)
    return len(proofs), sum(not proof.holds for proof in proofs), tuple(proofs[:WORST])


def _prove(
    data: "np.memmap[tuple[int, ...], np.dtype[np.uint8]]",
    place: TensorPlace | None,
    source: str,
    weight: Weight,
    layout: Layout,
) -> TensorProof:
    if place is None:
        return _failure(layout.name(source), "missing")
    if place.shape != weight.stored.shape:
        return _failure(place.name, f"{place.type.name} of shape {place.shape}, merged {weight.stored.shape}")
    packed = decode(np.asarray(data[place.start : place.start + place.nbytes]), place.type, place.shape)
    wanted = layout.to_gguf(weight).as_float32()
    error = worst_error(packed, wanted, place.type)
    return TensorProof(name=place.name, type=place.type.name, max_error=error.largest, bound=error.bound)


def _failure(name: str, kind: str) -> TensorProof:
    return TensorProof(name=name, type=kind, max_error=ENDLESS, bound=0.0)
