"""The ledger's file: opened to write or to read, and every write in it one transaction."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from suture.core.errors import BadFile
from suture.store.connection import connect, connect_reading, transaction
from suture.store.migrations import LEDGER
from suture.store.segments import OpenSegments, Segment, segments_in


class LedgerFile:
    """Every write is one transaction: after a crash a record is there or it is not. Nothing is ever changed or removed:
    a record of the same thing that comes later takes the place of the earlier one."""

    _in_transaction = False
    """Whether records become part of a transaction that is open."""

    def __init__(self, path: Path) -> None:
        """Open or create; raises what ``connect`` raises. On read-only ground all but the writing works."""
        self.path = path
        self._db = connect(path, LEDGER)
        self._segments = OpenSegments(path.parent)

    @classmethod
    def to_read(cls, path: Path) -> Self:
        """Open what is there, for reading only: nothing is made and nothing brought up to date.

        Raises:
            BadFile: there is no ledger, or it cannot be read.
            Fault: it is of an older schema.
        """
        if not path.exists():
            raise BadFile(
                f"no store here ({path})",
                mend="name a store's own directory, such as .suture; suture heal RECIPE makes one",
            )
        opened = cls.__new__(cls)
        opened.path, opened._db, opened._segments = path, connect_reading(path), OpenSegments(path.parent)
        return opened

    def close(self) -> None:
        self._segments.close()
        self._db.close()

    def segments(self) -> list[Segment]:
        """Every segment that was joined, oldest first."""
        return segments_in(self._db)

    @property
    def records_in_segments(self) -> int:
        return sum(segment.records for segment in self.segments())

    @property
    def records_in_all(self) -> int:
        """How many a check of the store reads: its own and those in segments."""
        return self.head[0] + self.records_in_segments

    def _looked_up(self, query: str, values: tuple[str, ...]) -> list[tuple[Any, ...]]:
        """The rows of the first ledger that has any: this one, then its segments.

        Raises:
            BadFile: a segment is missing, or is another file.
        """
        rows: list[tuple[Any, ...]] = self._db.execute(query, values).fetchall()
        return rows or self._segments.rows(self._db, query, values)

    @contextmanager
    def _transaction(self, *, durable: bool = True) -> Generator[sqlite3.Connection]:
        """``durable``: on the disk when it ends, with all that was recorded before. What can be measured again need not
        be; but files are synced, and after a power cut none may be newer than what the ledger says of it."""
        if self._in_transaction:
            yield self._db
            return
        with transaction(self.path, self._db, durable=durable, explains=sqlite3.OperationalError):
            yield self._db

    @contextmanager
    def together(self) -> Generator[None]:
        """Record what is recorded inside, attempts and verdicts, in one transaction: all of it or nothing."""
        with self._transaction(durable=False):
            self._in_transaction = True
            try:
                yield
            finally:
                self._in_transaction = False

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
