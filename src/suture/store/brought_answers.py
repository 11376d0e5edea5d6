"""Answers and verdicts of another store, appended to this one's chain or joined to it as segments."""

import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from suture.core.measure.attempt import Attempt
from suture.core.measure.verdict import Verdict
from suture.files.small_files import sha256_of
from suture.store.chain import append
from suture.store.chain_check import Told
from suture.store.connection import connect_reading
from suture.store.ledger import Ledger
from suture.store.segments import copy_segment, head_of, open_segment
from suture.store.store import Store


@dataclass
class BroughtAnswers:
    """Attributes:
    attempts, verdicts: how many came; what this store held already is left as it is, and not counted unless it lies in
        a segment that came.
    flips: batches that both stores asked, with other answers.
    disputed: programs that both stores judged, with other verdicts; this store's stand.
    segments: files that hold answers as they came, relative to the store.
    """

    attempts: int = 0
    verdicts: int = 0
    flips: int = 0
    disputed: int = 0
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
                done.flips += _differ(known, attempts)
        fresh = list(_unknown_verdicts(home, db, done))
        with home.appending() as writing:
            append(writing, "verdicts", fresh)
        done.verdicts += len(fresh)


def join_answers(home: Store, other: Store, done: BroughtAnswers, *, told: Told = lambda done: None) -> None:
    """Make the other ledger a segment of this store, and each of its own segments too.

    Raises: as ``copy_segment``.
    """
    for source, name in _ledgers(other):
        if not _is_here(home, head_of(source)):
            join_segment(home, source, name, done, told=told)


def join_segment(
    home: Store, source: sqlite3.Connection, name: Path, done: BroughtAnswers, *, told: Told = lambda done: None
) -> None:
    """Copy a whole ledger as a segment: its answers are this store's from now on.

    Raises: as ``copy_segment``.
    """
    segment = copy_segment(source, name, home.home, told=told)
    file = home.home.absolute(segment.path)
    with closing(open_segment(file)) as copy:
        done.flips += _flips(home.ledger, copy)
        deque(_unknown_verdicts(home.ledger, copy, done), maxlen=0)
        done.attempts += _count(copy, "attempts")
        done.verdicts += _count(copy, "verdicts")
    home.ledger.add_segment(segment, sha256_of(file))
    done.segments.append(segment.path)


def _is_here(home: Store, last: str) -> bool:
    """Whether a segment with this head was joined, and its file is what it was."""
    file = home.home.segment(last)
    joined = any(segment.last == last for segment in home.ledger.segments())
    return joined and file.exists() and sha256_of(file) == home.ledger.file(home.home.relative(file))


def _flips(home: Ledger, copy: sqlite3.Connection) -> int:
    """Batches of a copy that this store has already, itself or in a segment, with other answers."""
    query = "SELECT record FROM attempts WHERE batch = ? ORDER BY position"
    flips = 0
    for (batch,) in copy.execute("SELECT DISTINCT batch FROM attempts ORDER BY batch"):
        if (known := home.attempts(batch)) is not None:
            flips += _differ(known, [Attempt.from_json_text(record) for (record,) in copy.execute(query, (batch,))])
    return flips


def _differ(known: Sequence[Attempt], came: Sequence[Attempt]) -> bool:
    return [one.digest for one in known] != [one.digest for one in came]


def _count(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])  # noqa: S608 - of the two above


def _unknown_verdicts(home: Ledger, db: sqlite3.Connection, done: BroughtAnswers) -> Iterator[tuple[str, ...]]:
    """Rows of verdicts that this store has not, itself or in a segment; others are compared with its own."""
    for row in db.execute("SELECT task, program, judge, record FROM verdicts ORDER BY seq"):
        known = home.verdict(*row[:3])
        if known is None:
            yield row
        else:
            done.disputed += known.key != Verdict.from_json_text(row[3]).key
