"""The ledger: runs, finished stages, attempts, verdicts and registry events, in one SQLite file (WAL)."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from suture.core.errors import BadFile, StaleEvidence
from suture.core.gate.looks import HeldOutShowing, already_recorded
from suture.core.measure.attempt import Attempt
from suture.core.measure.verdict import Verdict
from suture.core.model.registry_events import RegistryEvent, pack_of
from suture.core.plan.recipe import Plan
from suture.core.plan.stages import GATE, GateDone, R, StageOf
from suture.store.chain import append
from suture.store.finished import Finished
from suture.store.ledger_file import LedgerFile
from suture.store.locks import Locks
from suture.store.segments import Segment


class Ledger(LedgerFile):
    """What was recorded, by kind of record. A record is never changed or removed: a later one of the same thing takes
    its place."""

    # Runs and stages

    def add_run(self, plan: Plan, directory: str, now: str) -> None:
        row = (plan.run_id, plan.recipe.name, plan.recipe.model, plan.to_json_text(), directory, now)
        with self._transaction() as db:
            if db.execute("SELECT 1 FROM runs WHERE id = ?", (plan.run_id,)).fetchone() is None:
                append(db, "runs", [row])

    def runs(self) -> list[dict[str, Any]]:
        """Oldest first: id, name, model, directory, created_at."""
        rows = self._db.execute("SELECT id, name, model, directory, created_at FROM runs ORDER BY seq")
        return [dict(zip(("id", "name", "model", "directory", "created_at"), row, strict=True)) for row in rows]

    def plan(self, run: str) -> Plan:
        """Raises BadFile for an unknown run."""
        row = self._db.execute("SELECT plan FROM runs WHERE id = ?", (run,)).fetchone()
        if row is None:
            raise BadFile(f"no run {run!r} in {self.path}", mend="suture report --list")
        return Plan.from_json_text(row[0])

    def finish_stage(
        self, run: str, stage: StageOf[R], finished: Finished[R], *, now: str, files: Mapping[str, str] | None = None
    ) -> None:
        """``files``: what the stage left, as for ``keep_files``, recorded with it."""
        with self._transaction() as db:
            append(db, "stages", [(run, stage.name, finished.as_text(), now)])
            self._append_files(files or {})

    def finished(self, run: str, stage: StageOf[R]) -> Finished[R] | None:
        """Return what a finished stage left the last time it ran, or None.

        Raises:
            BadFile: it was recorded in a form that this Suture does not know.
        """
        query = "SELECT output FROM stages WHERE run = ? AND stage = ? ORDER BY seq DESC LIMIT 1"
        row = self._db.execute(query, (run, stage.name)).fetchone()
        return Finished[R].from_text(row[0], stage, where=f"{self.path}: run {run}") if row else None

    def result(self, run: str, stage: StageOf[R]) -> R | None:
        """The result alone. Raises BadFile as ``finished``."""
        finished = self.finished(run, stage)
        return None if finished is None else finished.result

    def run_gated(self, report: str) -> str | None:
        """The run whose gate report has this digest."""
        rows = self._db.execute("SELECT run, output FROM stages WHERE stage = ? ORDER BY seq DESC", (GATE.name,))
        where = str(self.path)
        gated = (
            (run, Finished[GateDone].from_text(output, GATE, where=where).result) for run, output in rows.fetchall()
        )
        return next((run for run, gate in gated if gate.report == report), None)

    def stages(self, run: str) -> list[tuple[str, str, int]]:
        """Every stage of a run that was finished: name, when, and the number of the record, in order."""
        query = "SELECT stage, finished_at, MAX(seq) FROM stages WHERE run = ? GROUP BY stage ORDER BY MIN(seq)"
        return self._db.execute(query, (run,)).fetchall()

    def counts(self) -> dict[str, int]:
        """How many records there are, by table, and how many lie in segments. Counts rows, so it takes as long as there
        are many."""
        tables = ("runs", "stages", "attempts", "verdicts", "trials", "events", "packs", "files", "segments")
        counts = {
            table: self._db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]  # noqa: S608 - one of these
            for table in tables
        }
        return counts | {"in segments": self.records_in_segments}

    def add_spans(self, run: str, stage: str, seconds: Mapping[str, float]) -> None:
        """Wall seconds by kind of work (generate, load, train, judge) inside a stage, and ``wall`` for all of it."""
        with self._transaction(durable=False) as db:
            append(db, "spans", [(run, stage, kind, float(s)) for kind, s in seconds.items()])

    def stage_seconds(self, run: str) -> dict[str, float]:
        """Wall seconds by stage, over every time it was begun."""
        query = """
            SELECT stage, SUM(seconds) FROM spans WHERE run = ? AND kind = 'wall' GROUP BY stage ORDER BY MIN(seq)
        """
        return dict(self._db.execute(query, (run,)).fetchall())

    def kind_seconds(self, run: str) -> dict[str, float]:
        """Seconds by kind of work, over all stages."""
        query = "SELECT kind, SUM(seconds) FROM spans WHERE run = ? AND kind != 'wall' GROUP BY kind ORDER BY kind"
        return dict(self._db.execute(query, (run,)).fetchall())

    # Attempts and verdicts

    def attempts(self, batch: str) -> tuple[Attempt, ...] | None:
        """The attempts of one whole batch in order, or None when it was never finished."""
        query = "SELECT record FROM attempts WHERE batch = ? ORDER BY position"
        return tuple(Attempt.from_json_text(record) for (record,) in self._looked_up(query, (batch,))) or None

    def claimed(self, batch: str) -> AbstractContextManager[bool]:
        """While one process or thread is asking a batch, others wait: then it is in the ledger for them too."""
        return Locks(self.path.with_suffix(".lock")).hold(f"batch {batch}")

    def add_attempts(self, batch: str, attempts: Sequence[Attempt]) -> None:
        """All of a batch, in one transaction; a batch that another process wrote first is left as it is."""
        with self._transaction(durable=False) as db:
            if db.execute("SELECT 1 FROM attempts WHERE batch = ?", (batch,)).fetchone() is None:
                rows = [(batch, position, attempt.to_json_text()) for position, attempt in enumerate(attempts)]
                append(db, "attempts", rows)

    def verdict(self, task: str, program: str, judge: str) -> Verdict | None:
        query = "SELECT record FROM verdicts WHERE program = ? AND task = ? AND judge = ?"
        rows = self._looked_up(query, (program, task, judge))
        return Verdict.from_json_text(rows[0][0]) if rows else None

    def add_verdicts(self, verdicts: Sequence[tuple[str, str, str, Verdict]]) -> None:
        """``(task digest, program digest, judge digest, verdict)``; faults are never kept."""
        rows = {(t, p, j): verdict.to_json_text() for t, p, j, verdict in verdicts if not verdict.faulted}
        known = "SELECT 1 FROM verdicts WHERE task = ? AND program = ? AND judge = ?"
        with self._transaction(durable=False) as db:
            fresh = [(*key, row) for key, row in rows.items() if db.execute(known, key).fetchone() is None]
            append(db, "verdicts", fresh)

    # Looks at held-out tasks

    def add_trial(self, trial: HeldOutShowing) -> None:
        """Append unless already recorded."""
        with self._transaction() as db:
            if not already_recorded(self.trials(), trial):
                append(db, "trials", [(trial.to_json_text(),)])

    def trials(self) -> tuple[HeldOutShowing, ...]:
        """Every candidate ever shown to a held-out set, oldest first."""
        rows = self._db.execute("SELECT record FROM trials ORDER BY seq")
        return tuple(HeldOutShowing.from_json_text(record) for (record,) in rows)

    # Registry

    def add_event(self, event: RegistryEvent, *, over: str | None) -> int:
        """Append; returns its number.

        Args:
            over: the pack the alias must still point at (None: at nothing), checked in the same transaction.

        Raises:
            StaleEvidence: another process moved the alias meanwhile. Nothing is appended.
        """
        with self._transaction() as db:
            if (found := pack_of(self.events(), event.model, event.alias)) != over:
                raise StaleEvidence(
                    f"{event.alias} of {event.model!r} was moved meanwhile, to {(found or 'nothing')[:12]}",
                    mend="suture registry show " + event.model,
                )
            append(db, "events", [(event.to_json_text(),)])
            return int(db.execute("SELECT COUNT(*) FROM events").fetchone()[0])

    def events(self) -> tuple[RegistryEvent, ...]:
        """Oldest first. An event's number is its place here, from 1."""
        rows = self._db.execute("SELECT record FROM events ORDER BY seq")
        return tuple(RegistryEvent.from_json_text(record) for (record,) in rows)

    def add_pack(self, sha256: str, path: str) -> None:
        """The pack lies at ``path``, which ``suture verify`` checks from now on."""
        with self._transaction() as db:
            append(db, "packs", [(sha256, path)])
            self._append_files({path: sha256})

    def pack_path(self, sha256: str) -> str:
        """Return where a pack lies, relative to the store. Raises BadFile for an unknown one."""
        row = self._db.execute(
            "SELECT path FROM packs WHERE sha256 = ? ORDER BY seq DESC LIMIT 1", (sha256,)
        ).fetchone()
        if row is None:
            raise BadFile(f"no pack {sha256[:12]} in {self.path}", mend="suture registry list")
        return str(row[0])

    # Segments

    def add_segment(self, segment: Segment, sha256: str) -> None:
        """Join the answers of a ledger whose file lies in the store, unless they are. ``sha256``: of the file."""
        with self._transaction() as db:
            if segment not in self.segments():
                append(db, "segments", [segment])
            self._append_files({segment.path: sha256})

    # Files

    def keep_files(self, files: Mapping[str, str | None]) -> None:
        """Record what files must hold from now on.

        Args:
            files: SHA-256 by path relative to the store; None for one that is about to be made again or removed,
                so that a crash meanwhile does not look like damage.
        """
        with self._transaction():
            self._append_files(files)

    def _append_files(self, files: Mapping[str, str | None]) -> None:
        changed = [(path, sha256) for path, sha256 in files.items() if self.file(path) != sha256]
        append(self._db, "files", changed)

    def file(self, path: str) -> str | None:
        """The SHA-256 a file must have, or None for a file that the ledger does not vouch for."""
        query = "SELECT sha256 FROM files WHERE path = ? ORDER BY seq DESC LIMIT 1"
        row = self._db.execute(query, (path,)).fetchone()
        return row[0] if row else None

    def file_record(self, path: str) -> int | None:
        """Number of the record that says what a file must hold; None where there is none."""
        row = self._db.execute("SELECT MAX(seq) FROM files WHERE path = ?", (path,)).fetchone()
        return row[0]

    def files(self) -> dict[str, str]:
        """SHA-256 by path of every file that must be there."""
        query = "SELECT path, sha256 FROM files WHERE seq IN (SELECT MAX(seq) FROM files GROUP BY path)"
        return {path: sha256 for path, sha256 in self._db.execute(query) if sha256 is not None}
