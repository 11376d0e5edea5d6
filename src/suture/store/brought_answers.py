"""Answers and verdicts of another store, appended to this one's chain or joined to it as segments."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from suture.core.measure.attempt import Attempt
from suture.files.small_files import sha256_of
from suture.store.chain import append
from suture.store.chain_check import Told
from suture.store.connection import connect_reading
from suture.store.ledger import Ledger
from suture.store.segments import Segment, copy_segment, head_of, open_segment
from suture.store.store import Store


@dataclass
class BroughtAnswers:
    """Attributes:
    attempts, verdicts: how many came; what this store held already is left as it is, and not counted unless it lies in
        a segment that came.
    flips: batches that both stores asked, with other answers.
    segments: files that hold answers as they came, relative to the store.
    """

    attempts: int = 0
    verdicts: int = 0
    flips: int = 0
    segments: list[str] = field(default_factory=list[str])


def _ledgers(store: Store) -> Iterator[tuple[sqlite3.Connection, Path]]:
    """A store's own ledger, then its segments: every answer that it looks up is in one of them."""
    with closing(connect_reading(store.ledger.path)) as db:
        yield db, store.ledger.path
    for segment in store.ledger.segments():
        path = store.home.absolute(segment.path)
        with closing(open_segment(path)) as db:
            yield db, path


def append_answers(home: Ledger, other: Store, done: BroughtAnswers) -> None:
    """Append all answers of the other store that are not here: which run asked first is not recorded, and what is asked
    again costs more than a row."""
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


def join_answers(home: Store, other: Store, done: BroughtAnswers, *, told: Told = lambda done: None) -> None:
    """Make the other ledger a segment of this store, and each of its own segments too.

    Raises: as ``copy_segment``.
    """
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
