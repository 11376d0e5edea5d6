"""A store: its directory, the ledger in it, and its locks."""

from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from suture.core.errors import UsageError
from suture.store.home import Home
from suture.store.ledger import Ledger
from suture.store.locks import Locks

IN_USE = "in use"
"""Held shared by whoever works in a store, and alone by `suture gc`."""


def lock_of_run(run: str) -> str:
    """What a process holds that works at a run, or brings it here."""
    return f"run {run}"


@dataclass(frozen=True)
class Store:
    home: Home
    ledger: Ledger

    @property
    def locks(self) -> Locks:
        return Locks(self.home.locks)


@contextmanager
def open_store(home: Path | str | None = None) -> Generator[Store]:
    """Open or create a store; `suture gc` removes nothing meanwhile, and this waits while it does.

    Whoever only opens what an alias points at needs no lock: that is never removed.

    Example::

        with suture.open_store("store") as store:
            print([run["name"] for run in store.ledger.runs()])

    Args:
        home: its directory; by default ``$SUTURE_HOME``, else the nearest ``.suture`` upwards.

    Raises:
        BadFile, UsageError, Fault: as ``Ledger``.
    """
    place = Home(home)
    with closing(Ledger(place.ledger)) as ledger, Locks(place.locks).hold(IN_USE, shared=True):
        yield Store(place, ledger)


@contextmanager
def read_store(home: Path | str | None = None) -> Generator[Store]:
    """Open a store for reading only. It holds no lock: `suture gc` may remove a file meanwhile, which then is missing.

    Raises:
        BadFile, Fault: as ``Ledger.to_read``.
    """
    place = Home(home)
    with closing(Ledger.to_read(place.ledger)) as ledger:
        yield Store(place, ledger)


@contextmanager
def open_store_to_read(home: Path | str | None = None) -> Generator[Store]:
    """Open a store for what only reads: where there is none, an empty one that leaves nothing behind.

    Raises: as ``open_store``.
    """
    place = Home(home)
    root, nearest = place.root, place.nearest
    if nearest == root or not nearest.is_dir():  # a store, or a place that can be none: then opening says so
        with open_store(home) as store:
            yield store
        return
    with TemporaryDirectory(prefix="suture-") as nowhere, open_store(Path(nowhere) / "store") as store:
        yield store


@contextmanager
def open_store_alone(home: Path | None = None) -> Generator[Store]:
    """Open a store with nobody else at work in it. Raises UsageError while another process is."""
    place = Home(home)
    with closing(Ledger(place.ledger)) as ledger, Locks(place.locks).hold(IN_USE, wait=False) as held:
        if not held:
            raise UsageError(
                f"another process is at work in {place.root}, so nothing was removed",
                mend="run it again when that has ended",
            )
        yield Store(place, ledger)
