"""A store: its directory, and the ledger in it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from suture.store.at_work import alone, at_work
from suture.store.home import Home
from suture.store.ledger import Ledger


@dataclass(frozen=True)
class Store:
    home: Home
    ledger: Ledger


@contextmanager
def open_store(home: Path | None = None) -> Iterator[Store]:
    """Open or create; `suture gc` removes nothing meanwhile.

    Args:
        home: its directory; by default ``$SUTURE_HOME``, else ``.suture`` in this directory.

    Raises:
        BadFile, UsageError, Fault: as ``Ledger``.
    """
    place = Home(home)
    with closing(Ledger(place.ledger)) as ledger, at_work(place):
        yield Store(place, ledger)


@contextmanager
def open_store_alone(home: Path | None = None) -> Iterator[Store]:
    """As ``open_store``, with nobody else at work in it. Raises UsageError while another process is."""
    place = Home(home)
    with closing(Ledger(place.ledger)) as ledger, alone(place):
        yield Store(place, ledger)
