"""A PEFT adapter as the GGUF file that llama.cpp loads beside its base.

Format: that of llama.cpp's ``convert_lora_to_gguf.py``. Two tensors an adapted matrix, ``NAME.lora_a`` (r, in) and
``NAME.lora_b`` (out, r), under the base's own GGUF name; llama.cpp adds ``scale * alpha / r * B @ A``.
"""

import hashlib
from math import sqrt
from pathlib import Path

import numpy as np
from gguf import GGUFType, GGUFWriter, Keys

from suture.core.errors import BadFile
from suture.files.atomic import whole_file
from suture.files.gguf_header import Header, read_header
from suture.packs.adapters.settings import read_settings
from suture.packs.adapters.updates import Update, read_updates
from suture.packs.gguf.layout import Layout
from suture.packs.hugging_face.weights import Weight


def write_adapter(adapter: Path, base: Path, out: Path) -> str:
    """Write the adapter of a PEFT directory for the GGUF file ``base``, in float32; returns the file's SHA-256.

    Raises:
        BadFile: no such adapter, or it holds not-a-number.
        UsageError: anything but plain LoRA, or it does not fit the base.
    """
    header = read_header(base)
    layout = Layout.of(header, base)
    settings = read_settings(adapter)
    updates = read_updates(adapter, settings, _matrices(header, layout))
    alpha = _alpha(updates, rslora=settings.rslora)
    with whole_file(out) as partial:
        writer = GGUFWriter(partial, layout.architecture)
        try:
            writer.add_type(GGUFType.ADAPTER)
            writer.add_string(Keys.Adapter.TYPE, "lora")
            writer.add_float32(Keys.Adapter.LORA_ALPHA, alpha or 0.0)
            for update in updates:
                name = layout.name(update.name)
                a, b = (_finite(adapter, update, side) for side in (update.a, update.b))
                b = b if alpha is not None else b * np.float32(update.factor)
                writer.add_tensor(f"{name}.lora_a", a)
                writer.add_tensor(f"{name}.lora_b", layout.reorder(update.name, b))
            writer.write_header_to_file()
            writer.write_kv_data_to_file()
            writer.write_tensors_to_file()
        finally:
            writer.close()
        with partial.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def _alpha(updates: list[Update], *, rslora: bool) -> float | None:
    """Such that ``alpha / r`` is every update's factor; None where there is no such number.

    llama.cpp takes a file without alpha to mean a factor of 1, so the factor then goes into B.
    """
    alphas = {update.alpha * (sqrt(update.rank) if rslora else 1.0) for update in updates}
    return alphas.pop() or None if len(alphas) == 1 else None


def _matrices(header: Header, layout: Layout) -> dict[str, Weight]:
    """The shapes of the base's matrices by Hugging Face name; no numbers."""
    names = layout.hugging_face_names()
    return {
        names[name]: Weight(names[name], "F32", np.broadcast_to(np.float32(0), place.shape))
        for name, place in header.tensors.items()
        if name in names
    }


def _finite(adapter: Path, update: Update, side: Weight) -> np.ndarray:
    """As float32. Rows of B are outputs, whose order GGUF may change; columns of A are inputs, whose order it keeps."""
    tensor = side.as_float32()
    if not np.isfinite(tensor).all():
        raise BadFile(f"{adapter} holds not-a-number in the update of {update.name!r}", mend="train it again")
    return tensor
