"""From Hugging Face tensor names and row order to GGUF's."""

from typing import Any

import numpy as np
from gguf import MODEL_ARCH_NAMES, TensorNameMap, get_tensor_name_map
from numpy.typing import NDArray

from suture.core.errors import UsageError
from suture.core.pack import SUPPORTED_ARCHITECTURES
from suture.packs.header import Header

ROPE_FREQUENCIES = "rope_freqs.weight"
"""Llama 3's rope scaling, computed from the configuration when a model is converted: no weight of the model."""


class Layout:
    """How one model's tensors are named and ordered in GGUF.

    Args:
        architecture: GGUF's name of it.
        blocks: transformer layers.
        heads: attention heads (queries).
        kv_heads: key and value heads.
    """

    def __init__(self, architecture: str, *, blocks: int, heads: int, kv_heads: int) -> None:
        if architecture not in SUPPORTED_ARCHITECTURES:
            raise UsageError(
                f"architecture {architecture!r} is not supported",
                mend=f"use a model of one of these: {', '.join(SUPPORTED_ARCHITECTURES)}",
            )
        self.architecture = architecture
        self._names: TensorNameMap = get_tensor_name_map(
            next(arch for arch, name in MODEL_ARCH_NAMES.items() if name == architecture), blocks
        )
        self._heads, self._kv_heads = heads, kv_heads

    @classmethod
    def of(cls, header: Header) -> "Layout":
        """The layout of an existing GGUF file."""
        architecture = str(header.get("general.architecture"))
        heads = int(header.get(f"{architecture}.attention.head_count", 0))
        return cls(
            architecture,
            blocks=int(header.get(f"{architecture}.block_count", 0)),
            heads=heads,
            kv_heads=int(header.get(f"{architecture}.attention.head_count_kv", heads)),
        )

    def name(self, hugging_face: str) -> str:
        """GGUF name of the tensor.

        Raises:
            UsageError: the architecture has no such tensor.
        """
        name = self._names.get_name(hugging_face, try_suffixes=(".weight", ".bias"))
        if name is None:
            raise UsageError(
                f"tensor {hugging_face!r} has no place in a GGUF file of architecture {self.architecture!r}",
                mend="use a base model without added parts",
            )
        return name

    def reorder(self, hugging_face: str, tensor: NDArray[Any]) -> NDArray[Any]:
        """Rows in GGUF's order. Only llama's query and key rows differ.

        Hugging Face's rotary embedding turns row i with row i + d/2 of a head (d rows a head), llama.cpp's llama turns
        neighbours, so each head's two halves are interleaved: rows 0, d/2, 1, d/2 + 1, ...
        """
        if self.architecture != "llama":
            return tensor
        if ".q_proj." in hugging_face:
            heads = self._heads
        elif ".k_proj." in hugging_face:
            heads = self._kv_heads
        else:
            return tensor
        halves = tensor.reshape(heads, 2, tensor.shape[0] // heads // 2, *tensor.shape[1:])  # (head, half, row, ...)
        return np.ascontiguousarray(halves.swapaxes(1, 2)).reshape(tensor.shape)
