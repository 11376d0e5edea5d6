"""The ledger's schema as named steps, each applied once, in order, in one transaction."""

import sqlite3

from suture.core.errors import BadFile

MIGRATIONS: tuple[tuple[str, str], ...] = (
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
)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a ledger of any released schema up to date. Raises BadFile for one of a later schema."""
    connection.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY) STRICT")
    done = {name for (name,) in connection.execute("SELECT name FROM migrations")}
    if unknown := done - {name for name, _ in MIGRATIONS}:
        raise BadFile(f"the ledger was written by a newer Suture ({max(unknown)})", mend="update Suture")
    for name, statements in MIGRATIONS:
        if name not in done:
            connection.executescript(
                f"BEGIN IMMEDIATE; {statements} INSERT INTO migrations VALUES ('{name}'); COMMIT;"  # noqa: S608
            )
