"""A PEFT adapter as the GGUF file that llama.cpp loads beside its base.

Format: that of llama.cpp's ``convert_lora_to_gguf.py``. Two tensors an adapted matrix, ``NAME.lora_a`` (r, in) and
``NAME.lora_b`` (out, r), under the base's own GGUF name; llama.cpp adds ``scale * alpha / r * B @ A``.
"""

import hashlib
from math import sqrt
from pathlib import Path

import numpy as np
from gguf import GGUFType, GGUFWriter, Keys

from suture.core.errors import BadFile, UsageError
from suture.files.gguf_header import read_header
from suture.files.whole import whole_file
from suture.packs.adapters.adapter import PREFIX, read_settings
from suture.packs.gguf.layout import Layout
from suture.packs.hugging_face.weights import Weight, open_weights

_PARTS = {".lora_A.weight": "lora_a", ".lora_B.weight": "lora_b"}


def write_adapter(adapter: Path, base: Path, out: Path) -> str:
    """Write the adapter of a PEFT directory for the GGUF file ``base``, in float32; returns the file's SHA-256.

    Raises:
        BadFile: no such adapter, or it does not fit the base.
        UsageError: a kind of adapter that llama.cpp does not know.
    """
    header = read_header(base)
    layout = Layout.of(header, base)
    alpha = _alpha(adapter)
    tensors: dict[str, np.ndarray] = {}
    for name, weight in sorted(open_weights(adapter).items()):
        module, kind = _module(adapter, name)
        target = layout.name(module)
        place = header.tensors.get(target)
        tensor = _checked(adapter, weight, place.shape if place else (), side=kind)
        tensors[f"{target}.{kind}"] = layout.reorder(module, tensor) if kind == "lora_b" else tensor
    with whole_file(out) as partial:
        writer = GGUFWriter(partial, layout.architecture)
        try:
            writer.add_type(GGUFType.ADAPTER)
            writer.add_string(Keys.Adapter.TYPE, "lora")
            writer.add_float32(Keys.Adapter.LORA_ALPHA, alpha)
            for name, tensor in tensors.items():
                writer.add_tensor(name, tensor)
            writer.write_header_to_file()
            writer.write_kv_data_to_file()
            writer.write_tensors_to_file()
        finally:
            writer.close()
        with partial.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def _alpha(adapter: Path) -> float:
    """Such that ``alpha / r`` is the update's factor."""
    settings = read_settings(adapter)
    if odd := [key for key in ("rank_pattern", "alpha_pattern") if getattr(settings, key)]:
        raise UsageError(f"{adapter} uses {', '.join(odd)}, which llama.cpp cannot load beside a base", mend="merge it")
    return settings.alpha * sqrt(settings.rank) if settings.rslora else settings.alpha


def _module(adapter: Path, name: str) -> tuple[str, str]:
    """``base_model.model.X.lora_A.weight`` is (``X.weight``, ``lora_a``)."""
    for ending, kind in _PARTS.items():
        if name.startswith(PREFIX) and name.endswith(ending):
            return name.removeprefix(PREFIX).removesuffix(ending) + ".weight", kind
    raise UsageError(f"{adapter} adapts {name!r}, which llama.cpp cannot load beside a base", mend="merge it")


def _checked(adapter: Path, weight: Weight, base: tuple[int, ...], *, side: str) -> np.ndarray:
    """As float32. Rows of B are outputs, whose order GGUF may change; columns of A are inputs, whose order it keeps."""
    tensor = weight.as_float32()
    axis = 1 if side == "lora_a" else 0
    if tensor.ndim != 2 or len(base) != 2 or tensor.shape[axis] != base[axis]:
        raise BadFile(
            f"{adapter} does not fit this base: {weight.name} is {tensor.shape}, the weight {base}",
            mend="use the base it was trained on",
        )
    if not np.isfinite(tensor).all():
        raise BadFile(f"{adapter} holds not-a-number in {weight.name}", mend="train it again")
    return tensor
