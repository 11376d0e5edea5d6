"""The ledger: runs, finished stages, attempts, verdicts and registry events, in one SQLite file (WAL)."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock

from suture.core.attempt import Attempt
from suture.core.errors import BadFile, Fault, UsageError
from suture.core.recipe import Plan
from suture.core.registry import RegistryEvent, pack_of
from suture.core.verdict import Verdict
from suture.store.migrations import migrate


class Ledger:
    """Every write is one transaction: after a crash a record is there or it is not."""

    def __init__(self, path: Path) -> None:
        """Open or create.

        Raises:
            BadFile: the file is no ledger.
            UsageError: its place is no directory.
            Fault: the place cannot be written to.
        """
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(path.with_suffix(".lock")):
                self._db = sqlite3.connect(path, isolation_level=None, timeout=30)
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.execute("PRAGMA synchronous=NORMAL")
                self._db.execute("PRAGMA foreign_keys=ON")
                migrate(self._db)
        except sqlite3.DatabaseError as error:
            if hasattr(self, "_db"):
                self._db.close()
            raise BadFile(f"{path}: not a readable ledger ({error})") from error
        except (FileExistsError, NotADirectoryError) as error:
            raise UsageError(f"{path.parent} is no directory", mend="set SUTURE_HOME to one") from error
        except OSError as error:
            raise Fault(f"cannot write to {path.parent}: {error.strerror}") from error

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield self._db
            self._db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise Fault(f"{self.path}: {error}") from error
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    # Runs and stages

    def add_run(self, plan: Plan, directory: str, now: str) -> None:
        with self._transaction() as db:
            db.execute(
                "INSERT OR IGNORE INTO runs VALUES (?, ?, ?, ?, ?, ?)",
                (plan.run_id, plan.recipe.name, plan.recipe.model, plan.model_dump_json(), directory, now),
            )

    def runs(self) -> list[dict[str, Any]]:
        """Oldest first: id, name, model, directory, created_at."""
        rows = self._db.execute("SELECT id, name, model, directory, created_at FROM runs ORDER BY rowid")
        return [dict(zip(("id", "name", "model", "directory", "created_at"), row, strict=True)) for row in rows]

    def plan(self, run: str) -> Plan:
        """Raises BadFile for an unknown run."""
        row = self._db.execute("SELECT plan FROM runs WHERE id = ?", (run,)).fetchone()
        if row is None:
            raise BadFile(f"no run {run!r} in {self.path}", mend="suture report --list")
        return Plan.model_validate_json(row[0])

    def finish_stage(self, run: str, stage: str, output: Mapping[str, Any], *, now: str) -> None:
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO stages VALUES (?, ?, ?, ?)", (run, stage, json.dumps(output), now))

    def stage(self, run: str, stage: str) -> dict[str, Any] | None:
        """What a finished stage left, or None."""
        row = self._db.execute("SELECT output FROM stages WHERE run = ? AND stage = ?", (run, stage)).fetchone()
        return json.loads(row[0]) if row else None

    def add_spans(self, run: str, stage: str, seconds: Mapping[str, float]) -> None:
        """Wall seconds by kind of work (generate, load, train, judge) inside a stage, and ``wall`` for all of it."""
        with self._transaction() as db:
            db.executemany("INSERT INTO spans VALUES (?, ?, ?, ?)", [(run, stage, k, s) for k, s in seconds.items()])

    def stage_seconds(self, run: str) -> dict[str, float]:
        """Wall seconds by stage, over every time it was begun."""
        query = """
            SELECT stage, SUM(seconds) FROM spans WHERE run = ? AND kind = 'wall' GROUP BY stage ORDER BY MIN(rowid)
        """
        return dict(self._db.execute(query, (run,)).fetchall())

    def kind_seconds(self, run: str) -> dict[str, float]:
        """Seconds by kind of work, over all stages."""
        query = "SELECT kind, SUM(seconds) FROM spans WHERE run = ? AND kind != 'wall' GROUP BY kind ORDER BY kind"
        return dict(self._db.execute(query, (run,)).fetchall())

    # Attempts and verdicts

    def attempts(self, batch: str) -> tuple[Attempt, ...] | None:
        """The attempts of one whole batch in order, or None when it was never finished."""
        rows = self._db.execute("SELECT record FROM attempts WHERE batch = ? ORDER BY position", (batch,)).fetchall()
        return tuple(Attempt.model_validate_json(record) for (record,) in rows) or None

    def add_attempts(self, batch: str, attempts: Sequence[Attempt]) -> None:
        """All of a batch, in one transaction; a batch that another process wrote first is left as it is."""
        with self._transaction() as db:
            db.executemany(
                "INSERT OR IGNORE INTO attempts VALUES (?, ?, ?)",
                [(batch, position, attempt.model_dump_json()) for position, attempt in enumerate(attempts)],
            )

    def verdict(self, task: str, program: str, judge: str) -> Verdict | None:
        row = self._db.execute(
            "SELECT record FROM verdicts WHERE task = ? AND program = ? AND judge = ?", (task, program, judge)
        ).fetchone()
        return Verdict.model_validate_json(row[0]) if row else None

    def add_verdicts(self, verdicts: Sequence[tuple[str, str, str, Verdict]]) -> None:
        """``(task digest, program digest, judge digest, verdict)``; faults are never kept."""
        with self._transaction() as db:
            db.executemany(
                "INSERT OR IGNORE INTO verdicts VALUES (?, ?, ?, ?)",
                [(*key, verdict.model_dump_json()) for *key, verdict in verdicts if not verdict.faulted],
            )

    # Registry

    def add_event(self, event: RegistryEvent, *, over: str | None) -> int:
        """Append; returns its sequence number.

        Args:
            over: the pack the alias must still point at (None: at nothing), checked in the same transaction.

        Raises:
            UsageError: another process moved the alias meanwhile. Nothing is appended.
        """
        with self._transaction() as db:
            if (found := pack_of(self.events(), event.model, event.alias)) != over:
                raise UsageError(
                    f"{event.alias} of {event.model!r} was moved meanwhile, to {(found or 'nothing')[:12]}",
                    mend="suture registry show " + event.model,
                )
            cursor = db.execute("INSERT INTO events (record) VALUES (?)", (event.model_dump_json(),))
            return int(cursor.lastrowid or 0)

    def events(self) -> tuple[RegistryEvent, ...]:
        rows = self._db.execute("SELECT record FROM events ORDER BY seq")
        return tuple(RegistryEvent.model_validate_json(record) for (record,) in rows)

    def add_pack(self, sha256: str, path: str) -> None:
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO packs VALUES (?, ?)", (sha256, path))

    def pack_path(self, sha256: str) -> str:
        """Where a pack lies, relative to the store. Raises BadFile for an unknown one."""
        row = self._db.execute("SELECT path FROM packs WHERE sha256 = ?", (sha256,)).fetchone()
        if row is None:
            raise BadFile(f"no pack {sha256[:12]} in {self.path}", mend="suture registry list")
        return str(row[0])
