"""Parts of a generated suite: each has templates and content of its own, and splits are made of whole parts."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

PARTS = 8
SPLITS = ("train", "train", "train", "train", "train", "validation", "test", "test")
"""The official split of each part."""


def of_part(items: Sequence[T], part: int) -> Sequence[T]:
    """The items that belong to a part: every eighth. No two parts have one in common."""
    return items[part::PARTS]


def group_of(part: int) -> str:
    """Name what tasks of a part share, in whichever suite: their content is the same."""
    return f"generated content {part}"
