"""The ledger's file: opened to write or to read, and every write in it one transaction."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from suture.core.errors import BadFile
from suture.store.connection import connect, connect_reading, transaction
from suture.store.migrations import LEDGER


class LedgerFile:
    """Every write is one transaction: after a crash a record is there or it is not. Nothing is ever changed or removed:
    a record of the same thing that comes later takes the place of the earlier one."""

    _joined = False
    """Whether records become part of a transaction that is open."""

    def __init__(self, path: Path) -> None:
        """Open or create; raises what ``connect`` raises. On read-only ground all but the writing works."""
        self.path = path
        self._db = connect(path, LEDGER)

    @classmethod
    def to_read(cls, path: Path) -> Self:
        """Open what is there, for reading only: nothing is made and nothing brought up to date.

        Raises:
            BadFile: there is no ledger, or it cannot be read.
            Fault: it is of an older schema.
        """
        if not path.exists():
            raise BadFile(f"no store here ({path})", mend="suture heal RECIPE, or name the store: --home DIR")
        opened = cls.__new__(cls)
        opened.path, opened._db = path, connect_reading(path)
        return opened

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _transaction(self, *, durable: bool = True) -> Generator[sqlite3.Connection]:
        """``durable``: on the disk when it ends, with all that was recorded before. What can be measured again need not
        be; but files are synced, and after a power cut none may be newer than what the ledger says of it."""
        if self._joined:
            yield self._db
            return
        with transaction(self.path, self._db, durable=durable, explains=sqlite3.OperationalError):
            yield self._db

    @contextmanager
    def together(self) -> Generator[None]:
        """Record what is recorded inside, attempts and verdicts, in one transaction: all of it or nothing."""
        with self._transaction(durable=False):
            self._joined = True
            try:
                yield
            finally:
                self._joined = False

    @contextmanager
    def appending(self) -> Generator[sqlite3.Connection]:
        """One durable transaction for records of several tables, which are appended with ``chain.append``."""
        with self._transaction() as db:
            yield db

    def require_writable(self) -> None:
        """Raises Fault on read-only ground: said before any work rather than at its end."""
        with self._transaction() as db:
            db.execute("UPDATE chain SET seq = seq")

    @property
    def head(self) -> tuple[int, str]:
        """The number of records, and the hash (64 hex digits) that stands for all of them."""
        seq, head = self._db.execute("SELECT seq, head FROM chain").fetchone()
        return seq, head.hex()
