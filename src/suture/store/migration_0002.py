"""Migration 0002: every record becomes a link of one chain, and no table is ever changed but by appending."""

import json
import sqlite3
from collections.abc import Iterator

from suture.store.chain import append

NEW_TABLES = """
    CREATE TABLE chain (seq INTEGER NOT NULL, head BLOB NOT NULL) STRICT;
    INSERT INTO chain VALUES (0, zeroblob(32));
    CREATE TABLE runs (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, model TEXT NOT NULL, plan TEXT NOT NULL,
        directory TEXT NOT NULL, created_at TEXT NOT NULL, head BLOB NOT NULL
    ) STRICT;
    CREATE TABLE stages (
        seq INTEGER PRIMARY KEY, run TEXT NOT NULL REFERENCES runs (id), stage TEXT NOT NULL, output TEXT NOT NULL,
        finished_at TEXT NOT NULL, head BLOB NOT NULL
    ) STRICT;
    CREATE INDEX stages_of_a_run ON stages (run, stage, seq);
    CREATE TABLE spans (
        seq INTEGER PRIMARY KEY, run TEXT NOT NULL REFERENCES runs (id), stage TEXT NOT NULL, kind TEXT NOT NULL,
        seconds REAL NOT NULL, head BLOB NOT NULL
    ) STRICT;
    CREATE INDEX spans_of_a_run ON spans (run);
    CREATE TABLE attempts (
        seq INTEGER PRIMARY KEY, batch TEXT NOT NULL, position INTEGER NOT NULL, record TEXT NOT NULL,
        head BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX attempts_of_a_batch ON attempts (batch, position);
    CREATE TABLE verdicts (
        seq INTEGER PRIMARY KEY, task TEXT NOT NULL, program TEXT NOT NULL, judge TEXT NOT NULL, record TEXT NOT NULL,
        head BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX verdict_on_a_program ON verdicts (program, task, judge);
    CREATE TABLE events (seq INTEGER PRIMARY KEY, record TEXT NOT NULL, head BLOB NOT NULL) STRICT;
    CREATE TABLE packs (
        seq INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, path TEXT NOT NULL, head BLOB NOT NULL
    ) STRICT;
    CREATE INDEX places_of_a_pack ON packs (sha256, seq);
    CREATE TABLE files (seq INTEGER PRIMARY KEY, path TEXT NOT NULL, sha256 TEXT, head BLOB NOT NULL) STRICT;
    CREATE INDEX states_of_a_file ON files (path, seq);
"""

COPIED = {
    "runs": "SELECT id, name, model, plan, directory, created_at FROM old_runs ORDER BY rowid",
    "stages": "SELECT run, stage, output, finished_at FROM old_stages ORDER BY rowid",
    "spans": "SELECT run, stage, kind, seconds FROM old_spans ORDER BY rowid",
    "attempts": "SELECT batch, position, record FROM old_attempts ORDER BY batch, position",
    "verdicts": "SELECT task, program, judge, record FROM old_verdicts ORDER BY task, program, judge",
    "events": "SELECT record FROM old_events ORDER BY seq",
    "packs": "SELECT sha256, path FROM old_packs ORDER BY rowid",
}

FILES_OF_STAGES = {
    ("bench", "scoreboard"): "baseline.json",
    ("harvest", "rows"): "dataset/rows.jsonl",
    ("harvest", "manifest"): "dataset/manifest.json",
    ("train", "adapter"): "adapter/adapter_model.safetensors",
    ("pack", "pack"): "pack.gguf",
    ("gate-bench", "scoreboard"): "candidate.json",
    ("gate", "report"): "gate.json",
}
"""Where schema 0001's stages left the files they hashed, in a run's directory."""


def apply(db: sqlite3.Connection) -> None:
    for table in COPIED:
        db.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
    for statement in NEW_TABLES.split(";")[:-1]:
        db.execute(statement)
    for table, query in COPIED.items():
        append(db, table, db.execute(query))
    append(db, "files", [*db.execute("SELECT path, sha256 FROM packs"), *_files_of_runs(db)])
    for table in reversed(COPIED):
        db.execute(f"DROP TABLE old_{table}")
    for table in (*COPIED, "files"):
        for verb in ("update", "delete"):
            db.execute(
                f"CREATE TRIGGER {table}_refuse_{verb} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END"
            )


def _files_of_runs(db: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    query = "SELECT directory, stage, output FROM stages JOIN runs ON run = id ORDER BY stages.seq"
    for directory, stage, output in db.execute(query).fetchall():
        for name, sha256 in json.loads(output).get("sha256", {}).items():
            if (stage, name) in FILES_OF_STAGES:
                yield f"{directory}/{FILES_OF_STAGES[stage, name]}", sha256
