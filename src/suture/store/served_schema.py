"""The tables of the records of what was served. Rows are links of one chain, as the ledger's are, in a file of its own:
the ledger's writers need not wait for traffic."""

from suture.store.migrations import Schema

TABLES = ("records", "gaps", "claims", "rewards", "packs", "removals")
"""The tables whose rows are links."""

_NEVER_CHANGED = """
CREATE TRIGGER {table}_refuse_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END;
CREATE TRIGGER {table}_refuse_delete BEFORE DELETE ON {table} WHEN old.seq > (SELECT seq FROM beginning)
    BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END;
"""

SERVED = Schema(
    "file of served records",
    (
        (
            "0001-first",
            """
            CREATE TABLE chain (seq INTEGER NOT NULL, head BLOB NOT NULL) STRICT;
            INSERT INTO chain VALUES (0, zeroblob(32));
            CREATE TABLE beginning (seq INTEGER NOT NULL, head BLOB NOT NULL) STRICT;
            INSERT INTO beginning VALUES (0, zeroblob(32));
            CREATE TABLE records (
                seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, received TEXT NOT NULL, model TEXT NOT NULL,
                answers INTEGER NOT NULL, record TEXT NOT NULL, head BLOB NOT NULL
            ) STRICT;
            CREATE INDEX records_by_time ON records (received);
            CREATE TABLE gaps (seq INTEGER PRIMARY KEY, answers INTEGER NOT NULL, record TEXT NOT NULL,
                head BLOB NOT NULL) STRICT;
            CREATE TABLE claims (
                seq INTEGER PRIMARY KEY, id TEXT NOT NULL, record TEXT NOT NULL, head BLOB NOT NULL
            ) STRICT;
            CREATE INDEX claims_on_a_record ON claims (id);
            CREATE TABLE rewards (
                seq INTEGER PRIMARY KEY, id TEXT NOT NULL, record TEXT NOT NULL, head BLOB NOT NULL
            ) STRICT;
            CREATE INDEX rewards_of_a_record ON rewards (id);
            CREATE TABLE packs (
                seq INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, path TEXT NOT NULL, head BLOB NOT NULL
            ) STRICT;
            CREATE TABLE removals (seq INTEGER PRIMARY KEY, record TEXT NOT NULL, head BLOB NOT NULL) STRICT;
            """,
        ),
        ("0002-append-only", "".join(_NEVER_CHANGED.format(table=table) for table in TABLES)),
    ),
)
