"""Choices by a seeded hash: whether an item is taken depends on its own digest and on no other. Pure."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from suture.core.digest import digest_of

T = TypeVar("T")


def seeded_order(digests: Sequence[str], *, seed: int) -> list[int]:
    """Indices in the order of a seeded hash: where an item stands depends on its own digest alone."""
    return sorted(range(len(digests)), key=lambda i: digest_of([seed, digests[i]]))


def seeded_share(items: Sequence[T], share: float, digest: Callable[[T], str], *, seed: int) -> tuple[T, ...]:
    """The ``round(share * n)`` items (at least one) whose seeded hash is smallest, in their first order.

    Nested: a larger share with the same seed contains every smaller one.
    """
    if not items:
        return ()
    keep = max(1, round(share * len(items)))
    ranked = seeded_order([digest(item) for item in items], seed=seed)
    return tuple(items[i] for i in sorted(ranked[:keep]))


def seeded_few(items: Sequence[T], count: int, digest: Callable[[T], str], *, seed: int) -> tuple[T, ...]:
    """At most ``count`` items, drawn as ``seeded_share`` draws them."""
    return seeded_share(items, min(1.0, count / len(items)), digest, seed=seed) if items and count else ()
