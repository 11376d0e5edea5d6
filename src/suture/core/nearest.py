"""Finds the known name that was meant by one that is not known."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """Return the known name that looks most like ``name``; None where none is alike by ``cutoff``, from 0 to 1.

    Large and small letters are alike.
    """
    plain: dict[str, str] = {}
    for one in known:
        plain.setdefault(one.casefold(), one)
    found = get_close_matches(name.casefold(), list(plain), n=1, cutoff=cutoff)
    return plain[found[0]] if found else None
