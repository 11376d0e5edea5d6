"""Counts reasons for what was left out of a suite."""

from collections import Counter
from collections.abc import Iterable


def counted(reasons: Iterable[str]) -> list[tuple[str, int]]:
    """Each reason and how often it is there, the commonest first; equally common ones by name."""
    return sorted(Counter(reasons).items(), key=lambda item: (-item[1], item[0]))
