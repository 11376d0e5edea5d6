"""How large a model is, and how long that takes, in numbers that people read."""

import re
from math import prod
from pathlib import Path

from suture.core.errors import SutureError
from suture.files.gguf_header import read_header
from suture.store.find_model import FoundModel


def size_of(path: Path) -> int:
    """Bytes of a pack's file, or of a directory's weights."""
    return sum(file.stat().st_size for file in path.glob("*.safetensors")) if path.is_dir() else path.stat().st_size


def parameters_of(base: FoundModel) -> float | None:
    """How many weights the model has; of a model on the hub what its name says."""
    if isinstance(base.source, str):
        named = re.search(r"(\d+(?:\.\d+)?)\s*([bm])\b", base.source, re.IGNORECASE)
        return float(named[1]) * (1e9 if named[2].lower() == "b" else 1e6) if named else None
    if base.source.is_dir():
        return size_of(base.source) / 2
    try:
        tensors = read_header(base.source).tensors.values()
    except SutureError:
        return None
    return float(sum(prod(tensor.shape) for tensor in tensors))


def minutes(seconds: float) -> str:
    """Seconds, minutes or hours, whichever is short."""
    return (
        f"{seconds:.0f} s"
        if seconds < 100
        else f"{seconds / 60:.0f} min"
        if seconds < 6000
        else f"{seconds / 3600:.1f} h"
    )
