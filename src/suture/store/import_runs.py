"""Brings runs of another store home: their records are appended to this chain, and their files copied by their hashes.

Nothing comes that is not whole: the other chain is checked first, a run must have its result, every file must hold the
bytes that its ledger vouches for, and all records of a run are one transaction.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from suture.core.errors import BadFile, UsageError
from suture.core.measure.attempt import Attempt
from suture.core.plan.stages import ENDS
from suture.files.small_files import copy_verified, sha256_of
from suture.store.chain import append
from suture.store.chain_check import Told
from suture.store.connection import connect_reading
from suture.store.ledger import Ledger
from suture.store.segments import Segment, copy_segment, head_of, open_segment
from suture.store.store import Store
from suture.store.verification import verify_store


@dataclass
class BroughtHome:
    """Attributes:
    runs: ids of those that came.
    here: ids of those that were here already, the same to the record.
    unfinished: ids of those that have no result yet; they stay where they are.
    attempts, verdicts: how many came; what this store held already is left as it is.
    flips: batches that both stores asked, with other answers.
    segments: files that hold answers as they came, relative to the store; their answers and verdicts are all counted.
    """

    runs: list[str] = field(default_factory=list[str])
    here: list[str] = field(default_factory=list[str])
    unfinished: list[str] = field(default_factory=list[str])
    attempts: int = 0
    verdicts: int = 0
    flips: int = 0
    segments: list[str] = field(default_factory=list[str])


def import_runs(
    home: Store,
    other: Store,
    names: Sequence[str] = (),
    *,
    as_segment: bool = False,
    told: Told = lambda done: None,
) -> BroughtHome:
    """Bring every run of ``other`` that has its result, or those with these names or ids.

    Args:
        as_segment: copy the other ledger as it is and join it by one record, in place of appending all of its answers.
        told: called with how many records were checked since it was last called.

    Raises:
        UsageError: a run that is not there, or has no result yet, or is another one here; or the same store twice.
        BadFile: the other store does not hold: its chain or a file was changed.
    """
    if home.home.root.resolve() == other.home.root.resolve():
        raise UsageError(f"{other.home.root} is this very store", mend="name the store of another machine")
    checked = verify_store(other, told=told)
    if not checked.holds:
        first = checked.damage[0]
        raise BadFile(
            f"{other.home.root} does not hold: {first.where}: {first.found}",
            mend=f"suture verify --home {other.home.root}",
        )
    done = BroughtHome()
    wanted = _wanted(other.ledger, names, done)
    here, files = {entry["id"] for entry in home.ledger.runs()}, other.ledger.files()
    for entry in wanted:
        if entry["id"] in here:
            _require_same(home, other, entry)
            done.here.append(entry["id"])
        else:
            _bring(home, other, entry, files)
            done.runs.append(entry["id"])
    if wanted and as_segment:
        _join_answers(home, other, done, told)
    elif wanted:
        _bring_answers(home.ledger, other, done)
    return done


def _wanted(ledger: Ledger, names: Sequence[str], done: BroughtHome) -> list[dict[str, Any]]:
    runs = ledger.runs()
    known = {entry[key] for entry in runs for key in ("id", "name")}
    if unknown := [name for name in names if name not in known]:
        raise UsageError(f"no run {unknown[0]!r} in {ledger.path}", mend="suture report --list --home STORE")
    chosen = [entry for entry in runs if not names or entry["id"] in names or entry["name"] in names]
    ended = [entry for entry in chosen if any(ledger.finished(entry["id"], stage) for stage in ENDS)]
    done.unfinished = [entry["id"] for entry in chosen if entry not in ended]
    if names and done.unfinished:
        raise UsageError(
            f"run {done.unfinished[0]} has no result yet", mend="run it to its end where it is, and import it then"
        )
    return ended


def _require_same(home: Store, other: Store, entry: dict[str, Any]) -> None:
    """Raises UsageError: the run has another result here."""
    run = entry["id"]
    if _ends(other.ledger, run) != _ends(home.ledger, run):
        raise UsageError(
            f"run {run} ({entry['name']}) is in {home.home.root} already, with another result",
            mend="bring it into another store: --home DIR",
        )


def _bring(home: Store, other: Store, entry: dict[str, Any], vouched: Mapping[str, str]) -> None:
    """``vouched``: the hashes of every file of the other store, by its path."""
    run, folder = entry["id"], Path(entry["directory"])
    if folder.is_absolute() or ".." in folder.parts:
        raise BadFile(f"{other.ledger.path}: run {run} lies outside its store: {folder}")
    files = {path: sha256 for path, sha256 in vouched.items() if Path(path).is_relative_to(folder)}
    for path, sha256 in files.items():
        target = home.home.absolute(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        copy_verified(other.home.absolute(path), target, sha256)
    plan = other.ledger.plan(run)
    stages = _stages(other.ledger, run)
    spans = _rows(other.ledger, "SELECT run, stage, kind, seconds FROM spans WHERE run = ? ORDER BY seq", run)
    with home.ledger.appending() as db:
        row = (run, plan.recipe.name, plan.recipe.model, plan.to_json_text(), str(folder), entry["created_at"])
        append(db, "runs", [row])
        append(db, "stages", stages)
        append(db, "spans", spans)
        append(db, "files", files.items())
    for trial in other.ledger.trials():
        if trial.evidence == run:
            home.ledger.add_trial(trial)  # it spends its part of alpha wherever it was taken


def _stages(ledger: Ledger, run: str) -> list[tuple[Any, ...]]:
    return _rows(ledger, "SELECT run, stage, output, finished_at FROM stages WHERE run = ? ORDER BY seq", run)


def _ends(ledger: Ledger, run: str) -> dict[str, str]:
    """What was recorded as the run's result, whenever it was."""
    ends = {stage.name for stage in ENDS}
    return {stage: output for _, stage, output, _ in _stages(ledger, run) if stage in ends}


def _ledgers(store: Store) -> Iterator[tuple[sqlite3.Connection, Path]]:
    """A store's own ledger, then its segments: every answer that it looks up is in one of them."""
    with closing(connect_reading(store.ledger.path)) as db:
        yield db, store.ledger.path
    for segment in store.ledger.segments():
        path = store.home.absolute(segment.path)
        with closing(open_segment(path)) as db:
            yield db, path


def _bring_answers(home: Ledger, other: Store, done: BroughtHome) -> None:
    """All of the other store: which run asked first is not recorded, and what is asked again costs more than a row."""
    for db, _ in _ledgers(other):
        rows = db.execute("SELECT batch, record FROM attempts ORDER BY batch, position")
        for batch, records in groupby(rows, key=lambda row: row[0]):
            attempts = [Attempt.from_json_text(record) for _, record in records]
            known = home.attempts(batch)
            if known is None:
                home.add_attempts(batch, attempts)
                done.attempts += len(attempts)
            else:
                done.flips += [one.digest for one in known] != [one.digest for one in attempts]
        verdicts = db.execute("SELECT task, program, judge, record FROM verdicts ORDER BY seq")
        done.verdicts += _append_new(home, verdicts)


def _join_answers(home: Store, other: Store, done: BroughtHome, told: Told) -> None:
    """The other ledger becomes a segment of this store, and so does each of its own segments."""
    for source, name in _ledgers(other):
        if _is_here(home, head_of(source)):
            continue
        segment = copy_segment(source, name, home.home.root, told=told)
        with closing(open_segment(home.home.absolute(segment.path))) as copy:
            done.flips += _flips(home.ledger, copy)
            done.attempts += _count(copy, "attempts")
            done.verdicts += _count(copy, "verdicts")
        _record(home, segment)
        done.segments.append(segment.path)


def _is_here(home: Store, last: str) -> bool:
    """Whether a segment with this head was joined, and its file is what it was."""
    paths = [segment.path for segment in home.ledger.segments() if segment.last == last]
    return any(
        home.home.absolute(path).exists() and sha256_of(home.home.absolute(path)) == home.ledger.file(path)
        for path in paths
    )


def join_segment(home: Store, source: sqlite3.Connection, name: Path) -> Segment:
    """Copy a whole ledger as a segment: its answers are this store's from now on.

    Raises: as ``copy_segment``.
    """
    segment = copy_segment(source, name, home.home.root)
    _record(home, segment)
    return segment


def _record(home: Store, segment: Segment) -> None:
    sha256 = sha256_of(home.home.absolute(segment.path))
    with home.ledger.appending() as db:
        if segment not in home.ledger.segments():
            append(db, "segments", [segment])
        if home.ledger.file(segment.path) != sha256:
            append(db, "files", [(segment.path, sha256)])


def _flips(home: Ledger, copy: sqlite3.Connection) -> int:
    """Batches of a copy that this store has already, itself or in a segment, with other answers."""
    query = "SELECT record FROM attempts WHERE batch = ? ORDER BY position"
    flips = 0
    for (batch,) in copy.execute("SELECT DISTINCT batch FROM attempts ORDER BY batch"):
        if home.has_batch(batch):
            theirs = [Attempt.from_json_text(record).digest for (record,) in copy.execute(query, (batch,))]
            flips += theirs != [one.digest for one in home.attempts(batch) or ()]
    return flips


def _count(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])  # noqa: S608 - of the two above


def _append_new(home: Ledger, rows: Iterable[tuple[Any, ...]]) -> int:
    known = "SELECT 1 FROM verdicts WHERE task = ? AND program = ? AND judge = ?"
    with home.appending() as db:
        fresh = [row for row in rows if db.execute(known, row[:3]).fetchone() is None]
        append(db, "verdicts", fresh)
    return len(fresh)


def _rows(ledger: Ledger, query: str, run: str) -> list[tuple[Any, ...]]:
    with closing(connect_reading(ledger.path)) as db:
        return db.execute(query, (run,)).fetchall()
