"""A database's schema as named steps, each applied once, in order, in one transaction; the ledger's is here."""

import sqlite3
from collections.abc import Callable, Iterator
from typing import NamedTuple

from suture.core.errors import BadFile
from suture.store import migration_0002

Step = str | Callable[[sqlite3.Connection], None]
"""SQL, or a function that works inside the migration's transaction."""

MIGRATIONS: tuple[tuple[str, Step], ...] = (
    (
        "0001-first",
        """
        CREATE TABLE runs (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, model TEXT NOT NULL, plan TEXT NOT NULL, directory TEXT NOT NULL,
            created_at TEXT NOT NULL
        ) STRICT;
        CREATE TABLE stages (
            run TEXT NOT NULL REFERENCES runs (id), stage TEXT NOT NULL, output TEXT NOT NULL,
            finished_at TEXT NOT NULL,
            PRIMARY KEY (run, stage)
        ) STRICT;
        CREATE TABLE spans (
            run TEXT NOT NULL REFERENCES runs (id), stage TEXT NOT NULL, kind TEXT NOT NULL, seconds REAL NOT NULL
        ) STRICT;
        CREATE TABLE attempts (
            batch TEXT NOT NULL, position INTEGER NOT NULL, record TEXT NOT NULL,
            PRIMARY KEY (batch, position)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE verdicts (
            task TEXT NOT NULL, program TEXT NOT NULL, judge TEXT NOT NULL, record TEXT NOT NULL,
            PRIMARY KEY (task, program, judge)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE events (seq INTEGER PRIMARY KEY AUTOINCREMENT, record TEXT NOT NULL) STRICT;
        CREATE TABLE packs (sha256 TEXT PRIMARY KEY, path TEXT NOT NULL) STRICT;
        CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
            BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
        CREATE TRIGGER events_are_never_removed BEFORE DELETE ON events
            BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
        """,
    ),
    ("0002-chain", migration_0002.apply),
    (
        "0003-trials",
        """
        CREATE TABLE trials (seq INTEGER PRIMARY KEY, record TEXT NOT NULL, head BLOB NOT NULL) STRICT;
        CREATE TRIGGER trials_refuse_update BEFORE UPDATE ON trials
            BEGIN SELECT RAISE(ABORT, 'trials are append-only'); END;
        CREATE TRIGGER trials_refuse_delete BEFORE DELETE ON trials
            BEGIN SELECT RAISE(ABORT, 'trials are append-only'); END;
        """,
    ),
    ("0004-registry", ""),  # no table changes; events may say more (aliases, overrides) than an older Suture can read
    ("0005-kinds", ""),  # no table changes; tasks have another digest, attempts their own stop strings and token limit
    (
        "0006-segments",
        """
        CREATE TABLE segments (
            seq INTEGER PRIMARY KEY, path TEXT NOT NULL, last TEXT NOT NULL, records INTEGER NOT NULL,
            keys TEXT NOT NULL, head BLOB NOT NULL
        ) STRICT;
        CREATE TRIGGER segments_refuse_update BEFORE UPDATE ON segments
            BEGIN SELECT RAISE(ABORT, 'segments are append-only'); END;
        CREATE TRIGGER segments_refuse_delete BEFORE DELETE ON segments
            BEGIN SELECT RAISE(ABORT, 'segments are append-only'); END;
        """,
    ),
)


class Schema(NamedTuple):
    """What a database is called, for people, and the steps that make its tables."""

    what: str
    steps: tuple[tuple[str, Step], ...]


LEDGER = Schema("ledger", MIGRATIONS)


def migrate(connection: sqlite3.Connection, schema: Schema = LEDGER) -> None:
    """Bring a database of any released schema up to date. Raises BadFile for one of a later schema."""
    connection.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY) STRICT")
    for name, step in unapplied(connection, schema):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in _statements(step) if isinstance(step, str) else ():
                connection.execute(statement)
            if not isinstance(step, str):
                step(connection)
            connection.execute("INSERT INTO migrations VALUES (?)", (name,))
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def unapplied(connection: sqlite3.Connection, schema: Schema = LEDGER) -> tuple[tuple[str, Step], ...]:
    """List the migrations that are left to do. Raises BadFile for a database of a later schema."""
    done = {name for (name,) in connection.execute("SELECT name FROM migrations")}
    if unknown := done - {name for name, _ in schema.steps}:
        raise BadFile(f"the {schema.what} was written by a newer Suture ({max(unknown)})", mend="update Suture")
    return tuple((name, step) for name, step in schema.steps if name not in done)


def _statements(script: str) -> Iterator[str]:
    """One at a time: ``executescript`` would end the transaction."""
    statement = ""
    for piece in script.split(";"):
        statement += piece + ";"
        if sqlite3.complete_statement(statement):
            if statement.strip(" \n;"):
                yield statement
            statement = ""
