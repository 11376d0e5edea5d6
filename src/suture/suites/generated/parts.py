"""Parts of a generated suite: each has templates and content of its own, so that splits made of whole parts share neither."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

PARTS = 8
SPLITS = ("train", "train", "train", "train", "train", "validation", "test", "test")
"""The official split of each part."""


def of_part(items: Sequence[T], part: int) -> Sequence[T]:
    """The items that belong to a part: every eighth. No two parts have one in common."""
    return items[part::PARTS]
