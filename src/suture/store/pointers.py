"""Sees that aliases were moved, by looking at the ledger again and again: whoever moves one needs to tell nobody."""

import sqlite3
from collections.abc import Collection
from pathlib import Path

from suture.core.model.registry_events import numbered_events
from suture.store.connection import explained
from suture.store.ledger import Ledger


class Pointers:
    """One open ledger; to be used in the thread that made it."""

    def __init__(self, ledger: Path) -> None:
        """Raises what ``Ledger`` raises."""
        self._ledger = Ledger(ledger)
        self._head: tuple[int, str] | None = None
        self._known: dict[tuple[str, str], int] = {}

    def moved(self, aliases: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """The number of the last event of each of these (model, alias); what has none is left out.

        While nothing is recorded this reads one row.

        Raises:
            Fault, DiskFull: the ledger cannot be read.
        """
        try:
            head = self._ledger.head
            if head != self._head:
                events = self._ledger.events()
                self._known = {(one.event.model, one.event.alias): one.number for one in numbered_events(events)}
                self._head = head
        except sqlite3.DatabaseError as error:
            raise explained(self._ledger.path, error) from error
        return {alias: self._known[alias] for alias in aliases if alias in self._known}

    def close(self) -> None:
        self._ledger.close()
