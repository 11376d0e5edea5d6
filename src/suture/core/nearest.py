"""Finds the known name that was meant by one that is not known."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """Return the known name that looks most like ``name``; None where none is alike by ``cutoff``, from 0 to 1."""
    return next(iter(get_close_matches(name, list(known), n=1, cutoff=cutoff)), None)
