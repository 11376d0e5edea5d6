"""Says when a store has grown large, and what makes it smaller."""

from suture.cli.options import Common
from suture.cli.output import say
from suture.store.garbage import size_of
from suture.store.home import Home

LARGE = 20e9
"""Bytes."""


def suggest_gc(common: Common) -> None:
    """Say how large the store is, where that is much, and that `suture gc` may help."""
    root = Home(common.home).root
    if (size := size_of(root)) > LARGE:
        say(f"the store {root} has {size / 1e9:.0f} GB: `suture gc` shows what nothing needs any more")
