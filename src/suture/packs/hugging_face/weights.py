"""Weights in safetensors files, mapped read-only, without torch.

numpy has no bfloat16, so such a tensor is given as its 16-bit patterns; ``as_float32`` is exact for all three types.
"""

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from suture.core.errors import BadFile

_DTYPES = {"BF16": np.dtype("<u2"), "F16": np.dtype("<f2"), "F32": np.dtype("<f4")}
_AGAIN = "download or make it again"
_LONGEST_HEADER = 100_000_000
"""Bytes; the format's own limit (https://github.com/huggingface/safetensors#format)."""


class Weight(NamedTuple):
    """One tensor. ``stored`` has its shape; ``kind`` is BF16 (then ``stored`` is uint16 patterns), F16 or F32."""

    name: str
    kind: str
    stored: NDArray[np.generic]

    def as_float32(self) -> NDArray[np.float32]:
        if self.kind == "BF16":
            return (self.stored.astype(np.uint32) << np.uint32(16)).view(np.float32)
        return self.stored.astype(np.float32)

    def rows(self, first: int, count: int) -> NDArray[np.float32]:
        """Some rows, as float32."""
        return self._replace(stored=self.stored[first : first + count]).as_float32()


def open_weights(directory: Path) -> dict[str, Weight]:
    """Every tensor of every ``*.safetensors`` file in ``directory``, by Hugging Face name. Nothing is read yet.

    Raises:
        BadFile: no such files, a broken one, or a type other than BF16, F16 and F32.
    """
    files = sorted(directory.glob("*.safetensors"))
    if not files:
        raise BadFile(f"no safetensors files in {directory}", mend="give a directory of merged weights: suture merge")
    found: dict[str, Weight] = {}
    for file in files:  # an index that names other files is not read: it could name any
        for weight in _weights(file):
            if weight.name in found:
                raise BadFile(f"{directory} has the tensor {weight.name!r} twice", mend="download it again")
            found[weight.name] = weight
    return found


def read_weights(file: Path) -> dict[str, Weight]:
    """Every tensor of one safetensors file, by its own name. Raises BadFile as ``open_weights``."""
    return {weight.name: weight for weight in _weights(file)}


def _weights(file: Path) -> Iterator[Weight]:
    if not file.is_file():
        raise BadFile(f"{file} is not a file", mend=_AGAIN)
    size = file.stat().st_size
    with file.open("rb") as stream:
        prefix = stream.read(8)
        length = struct.unpack("<Q", prefix)[0] if len(prefix) == 8 else size
        if length > min(size - 8, _LONGEST_HEADER):
            raise BadFile(f"{file} is not a safetensors file, or is cut off", mend=_AGAIN)
        try:
            header = json.loads(stream.read(length), object_pairs_hook=_once)
            tensors = [(name, entry) for name, entry in header.items() if name != "__metadata__"]
            data = np.memmap(file, dtype=np.uint8, mode="r", offset=8 + length)
            for name, entry in tensors:
                if entry["dtype"] not in _DTYPES:
                    raise BadFile(
                        f"{file} holds {name!r} as {entry['dtype']}, and only {', '.join(_DTYPES)} can be read",
                        mend="save it in one of those, or use the model it was made from",
                    )
                dtype, (begin, end), shape = _DTYPES[entry["dtype"]], entry["data_offsets"], entry["shape"]
                if not all(type(size) is int and size > 0 for size in shape):
                    raise ValueError(f"tensor {name!r} of impossible shape {shape}")
                if not 0 <= begin <= end <= len(data):
                    raise BadFile(f"{file} is cut off: tensor {name!r} ends beyond its end", mend=_AGAIN)
                yield Weight(name, entry["dtype"], data[begin:end].view(dtype).reshape(shape))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise BadFile(f"{file} has a header that cannot be read: {error}", mend=_AGAIN) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise ValueError("a key twice")
    return dict(pairs)
