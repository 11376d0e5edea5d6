"""From Hugging Face tensor names and row order to GGUF's."""

from pathlib import Path
from typing import Any

import numpy as np
from gguf import MODEL_ARCH_NAMES, TensorNameMap, get_tensor_name_map
from numpy.typing import NDArray

from suture.core.errors import BadFile, UsageError
from suture.files.gguf_header import MOST_ENTRIES, Header
from suture.packs.families.family import Shape
from suture.packs.families.table import family_of
from suture.packs.hugging_face.weights import Weight

ROPE_FREQUENCIES = "rope_freqs.weight"
"""Llama 3's rope scaling, computed from the configuration when a model is converted: no weight of the model."""


class Layout:
    """How one model's tensors are named and ordered in GGUF.

    Args:
        architecture: GGUF's name of it.
        blocks: transformer layers.
        heads: attention heads (queries).
        kv_heads: key and value heads.
        source: the file or directory that a complaint names.

    Raises:
        UsageError: an architecture that is not supported.
    """

    def __init__(
        self, architecture: str, *, blocks: int, heads: int, kv_heads: int, source: Path = Path("this model")
    ) -> None:
        self.family = family_of(architecture, source)
        self.architecture = architecture
        self._names: TensorNameMap = get_tensor_name_map(
            next(arch for arch, name in MODEL_ARCH_NAMES.items() if name == architecture), blocks
        )
        self.blocks, self._heads, self._kv_heads = blocks, heads, kv_heads

    @classmethod
    def of(cls, header: Header, source: Path) -> "Layout":
        """The layout of an existing GGUF file.

        Raises:
            BadFile: a size that is missing or cannot be true.
        """
        architecture = str(header.get("general.architecture"))

        def size(key: str, default: int | None = None) -> int:
            value = header.get(f"{architecture}.{key}", default)
            if not isinstance(value, int) or not 1 <= value <= MOST_ENTRIES:
                raise BadFile(
                    f"{source} has an absurd header: {architecture}.{key} is {value!r}",
                    mend="convert it again",
                )
            return value

        heads = size("attention.head_count")
        kv_heads = size("attention.head_count_kv", heads)
        blocks = size("block_count")
        if blocks > len(header.tensors):
            raise BadFile(
                f"{source} has {len(header.tensors)} tensors for {blocks} layers",
                mend="convert it again",
            )
        return cls(architecture, blocks=blocks, heads=heads, kv_heads=kv_heads, source=source)

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
        """Rows in GGUF's order. Only query and key rows differ, where the family turns pairs.

        Hugging Face's rotary embedding turns row i with row i + d/2 of a head (d rows a head), llama.cpp's llama turns
        neighbours, so each head's two halves are interleaved: rows 0, d/2, 1, d/2 + 1, ...
        """
        heads = self._turned_heads(hugging_face)
        if not heads:
            return tensor
        halves = tensor.reshape(heads, 2, tensor.shape[0] // heads // 2, *tensor.shape[1:])  # (head, half, row, ...)
        return np.ascontiguousarray(halves.swapaxes(1, 2)).reshape(tensor.shape)

    def restore(self, hugging_face: str, tensor: NDArray[Any]) -> NDArray[Any]:
        """Rows in Hugging Face's order again: the inverse of ``reorder``."""
        heads = self._turned_heads(hugging_face)
        if not heads:
            return tensor
        pairs = tensor.reshape(heads, tensor.shape[0] // heads // 2, 2, *tensor.shape[1:])  # (head, row, half, ...)
        return np.ascontiguousarray(pairs.swapaxes(1, 2)).reshape(tensor.shape)

    def shift(self, hugging_face: str) -> float:
        """Return what is added to a tensor for GGUF, where llama.cpp's norms scale differently from the family's."""
        return self.family.norm_shift if hugging_face.endswith("norm.weight") else 0.0

    def to_gguf(self, weight: Weight) -> Weight:
        """Rows in GGUF's order, values as llama.cpp takes them; F32 where they are shifted."""
        if by := self.shift(weight.name):
            weight = weight._replace(kind="F32", stored=weight.as_float32() + np.float32(by))
        return weight._replace(stored=self.reorder(weight.name, weight.stored))

    def hugging_face_names(self) -> dict[str, str]:
        """Hugging Face name of every tensor that a model of this family may have, by GGUF name."""
        anything = Shape(1, 1, 1, self.blocks, 1, 1, 1, 1, 1.0, tied=False, biases=("q", "k", "v", "o"))
        return {self.name(name): name for name in self.family.tensors(anything)}

    def _turned_heads(self, hugging_face: str) -> int:
        if not self.family.turns_pairs:
            return 0
        return {"q_proj": self._heads, "k_proj": self._kv_heads}.get(hugging_face.split(".")[-2], 0)
