"""Ends an engine's text before the first stop string."""

from collections.abc import Sequence


def cut_at_stop(text: str, stop: Sequence[str]) -> tuple[str, bool]:
    """(text before the first stop string, whether one was met)."""
    ends = [at for mark in stop if (at := text.find(mark)) >= 0]
    return (text[: min(ends)], True) if ends else (text, False)
