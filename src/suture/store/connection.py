"""Opening a database of the store, such as the ledger, and what its errors mean."""

import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from suture.core.errors import NOT_ALLOWED, BadFile, DiskFull, Fault, NoPermission, UsageError
from suture.store.locks import Locks
from suture.store.migrations import LEDGER, Schema, migrate, unapplied

READ_ONLY = "mend its permissions, or name a store that can be written to: --home DIR or SUTURE_HOME"


ROOM_TO_OPEN = 1 << 20
"""Bytes: more than SQLite needs to open a ledger."""

UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What damage in the file may raise: a name or an error message need not be UTF-8 any more."""


def connect(path: Path, schema: Schema = LEDGER) -> sqlite3.Connection:
    """Open or create; read-only where the place cannot be written to.

    Raises:
        BadFile: the file is no such database.
        UsageError: its place is no directory.
        NoPermission, Fault: the place cannot be written to, and there is nothing to read either.
    """
    try:
        if path.exists() and not os.access(path.parent, os.W_OK):
            return connect_reading(path, schema)
        path.parent.mkdir(parents=True, exist_ok=True)
        with Locks(path.with_suffix(".lock")).hold("opening"):
            return _connect_writing(path, schema)
    except (FileExistsError, NotADirectoryError) as error:
        raise UsageError(
            f"{path.parent} is no directory", mend="name a directory: --home DIR or SUTURE_HOME"
        ) from error
    except OSError as error:
        kind = NoPermission if error.errno in NOT_ALLOWED else Fault
        raise kind(f"cannot write to {path.parent}: {error.strerror}", mend=READ_ONLY) from error


def _connect_writing(path: Path, schema: Schema) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=30)
    with _closed_if_unreadable(path, db, schema):
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA foreign_keys=ON")
        db.execute("PRAGMA cache_size=-65536")  # KiB
        migrate(db, schema)
    return db


def connect_reading(path: Path, schema: Schema = LEDGER) -> sqlite3.Connection:
    """Open a database for reading only.

    On read-only ground, without a write-ahead log nobody is writing and none has to be made.
    """
    log = path.with_name(path.name + "-wal")
    at_rest = not os.access(path.parent, os.W_OK) and not (log.exists() and log.stat().st_size)
    db = sqlite3.connect(f"{path.as_uri()}?mode=ro{'&immutable=1' if at_rest else ''}", uri=True, isolation_level=None)
    with _closed_if_unreadable(path, db, schema):
        if unapplied(db, schema):
            mend = f"suture verify --home {path.parent}"
            if not os.access(path, os.W_OK):
                mend = f"copy the store to a place that can be written to, and there: {mend}"
            raise Fault(f"{path} is of an older schema, and only to be read here", mend=mend)
    return db


@contextmanager
def _closed_if_unreadable(path: Path, db: sqlite3.Connection, schema: Schema) -> Generator[None]:
    try:
        yield
    except UNREADABLE as error:
        db.close()
        if isinstance(error, sqlite3.DatabaseError) and _code(error) in (
            sqlite3.SQLITE_FULL,
            sqlite3.SQLITE_IOERR,
            sqlite3.SQLITE_READONLY,
            sqlite3.SQLITE_CANTOPEN,
            sqlite3.SQLITE_BUSY,
        ):
            raise explained(path, error) from error
        raise BadFile(f"{path}: not a readable {schema.what} ({error})") from error
    except BaseException:
        db.close()
        raise


@contextmanager
def transaction(
    path: Path, db: sqlite3.Connection, *, durable: bool, explains: type[sqlite3.DatabaseError]
) -> Generator[None]:
    """Keep all that is written inside, or nothing of it.

    Args:
        durable: on the disk when it ends, with all that was written before.
        explains: which errors of SQLite are raised as ``explained`` says them; others are raised as they are.
    """
    try:
        db.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        db.execute("BEGIN IMMEDIATE")
        yield
        db.execute("COMMIT")
    except BaseException as error:
        if db.in_transaction:
            db.execute("ROLLBACK")
        if isinstance(error, explains):
            raise explained(path, error) from error
        raise


def explained(path: Path, error: sqlite3.DatabaseError) -> Fault | DiskFull | NoPermission:
    """A failed read or write in Suture's terms."""
    if _code(error) == sqlite3.SQLITE_FULL or (_code(error) == sqlite3.SQLITE_IOERR and _is_full(path.parent)):
        mend = f"free some space under {path.parent}, or move it to a larger disk and name that: --home DIR"
        return DiskFull(f"the disk is full: nothing of the last record was kept in {path}", mend=mend)
    if _code(error) in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
        return NoPermission(f"cannot write to {path}: the store is read-only", mend=READ_ONLY)
    if _code(error) == sqlite3.SQLITE_BUSY:
        return Fault(f"{path}: another process has held it for 30 s", mend="wait for it, and run it again")
    return Fault(f"{path}: {error}")


def _is_full(directory: Path) -> bool:
    """SQLite finds no room for its shared memory before it finds none for a record, and calls that an I/O error."""
    space = os.statvfs(directory)
    return space.f_bavail * space.f_frsize < ROOM_TO_OPEN


def _code(error: sqlite3.DatabaseError) -> int:
    """The primary result code; see https://sqlite.org/rescode.html."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
