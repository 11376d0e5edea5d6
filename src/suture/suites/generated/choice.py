"""Seeded choices from SHA-256: the same in every version of Python, which ``random`` does not promise."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Choices:
    """A stream of choices that depends on its seed alone. Two streams of different seeds are independent."""

    def __init__(self, *seed: object) -> None:
        self._seed = "/".join(str(part) for part in seed)
        self._drawn = 0

    def below(self, count: int) -> int:
        """A whole number from 0 to ``count`` - 1."""
        digest = hashlib.sha256(f"{self._seed}#{self._drawn}".encode()).digest()
        self._drawn += 1
        return int.from_bytes(digest[:8], "big") % count

    def between(self, first: int, last: int) -> int:
        """A whole number from ``first`` to ``last``, both included."""
        return first + self.below(last - first + 1)

    def pick(self, items: Sequence[T]) -> T:
        return items[self.below(len(items))]

    def several(self, items: Sequence[T], count: int) -> list[T]:
        """``count`` different places of ``items``, in a chosen order.

        Raises:
            ValueError: there are fewer.
        """
        if count > len(items):
            raise ValueError(f"{count} of {len(items)} items")
        left = list(items)
        return [left.pop(self.below(len(left))) for _ in range(count)]

    def chance(self, of: int) -> bool:
        """True once in ``of`` times."""
        return self.below(of) == 0
