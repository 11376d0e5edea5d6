"""Segments: ledgers of other stores that are kept as they are, read-only, and joined to this one by one record each.

Appended one by one, a hundred million answers would keep every other writer of this store waiting for hours; joined,
their file is copied and checked beside it. The record names the head of the segment's own chain, so what the head of
this store stands for includes them (docs/adr/0108-segments.md).
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from suture.core.errors import BadFile
from suture.files.atomic import whole_file
from suture.store.chain import TABLES
from suture.store.chain_check import CheckedChain, Damage, Told, check_chain
from suture.store.connection import UNREADABLE

FOLDER = "segments"


class Segment(NamedTuple):
    """One segment, as its record says it.

    Attributes:
        path: relative to the store.
        ends: the head of its own chain, 64 hex digits.
        records: how many records that chain has.
        keys: ``keys_of`` it, in hex.
    """

    path: str
    ends: str
    records: int
    keys: str


def segments_in(db: sqlite3.Connection) -> list[Segment]:
    """Every segment that was joined to a ledger, oldest first."""
    return [Segment(*row) for row in db.execute("SELECT path, ends, records, keys FROM segments ORDER BY seq")]


def path_of(ends: str) -> str:
    """Where a segment lies, relative to its store."""
    return f"{FOLDER}/{ends}.db"


def open_segment(path: Path) -> sqlite3.Connection:
    """Open a file that nobody writes to any more. Raises BadFile: it is not there, or no ledger."""
    try:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
        db.execute("SELECT 1 FROM chain")
    except UNREADABLE as error:
        raise BadFile(f"{path}: a segment that cannot be read ({error})", mend="suture verify") from error
    return db


def keys_of(db: sqlite3.Connection) -> str:
    """SHA-256 over the keys of all its batches, in order, a line each, and then those of its verdicts."""
    digest = hashlib.sha256()
    for query in (
        "SELECT DISTINCT batch FROM attempts ORDER BY batch",
        "SELECT DISTINCT program || ' ' || task || ' ' || judge AS key FROM verdicts ORDER BY key",
    ):
        for (key,) in db.execute(query):
            digest.update(f"{key}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def copy_segment(source: sqlite3.Connection, root: Path, *, told: Told = lambda done: None) -> Segment:
    """Copy a ledger into the store at ``root`` as a segment, checking the copy's chain. Nothing is recorded yet.

    Raises:
        BadFile: the chain does not hold.
        DiskFull, NoPermission: as ``whole_file``; nothing of it stays.
    """
    ends = _head(source)
    target = root / path_of(ends)
    if not target.exists():
        with whole_file(target) as partial:
            with closing(sqlite3.connect(partial)) as copy:
                source.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")  # one file, which needs no other beside it
            _require_whole(partial, ends, told)
    else:
        _require_whole(target, ends, told)
    with closing(open_segment(target)) as db:
        records = int(db.execute("SELECT seq FROM chain").fetchone()[0])
        return Segment(path_of(ends), ends, records, keys_of(db))


def _require_whole(path: Path, ends: str, told: Told) -> None:
    """Raises BadFile: the chain of a copied ledger does not hold, or does not end with this head."""
    checked = CheckedChain()
    with closing(open_segment(path)) as db:
        check_chain(db, path.name, tables_in(db), checked, told=told)
    if checked.damage or checked.head != ends:
        found = checked.damage[0].found if checked.damage else "it was written to meanwhile"
        raise BadFile(f"the ledger to be joined does not hold: {found}", mend="suture verify --home STORE")


def check_segment(segment: Segment, root: Path, *, told: Told = lambda done: None) -> list[Damage]:
    """What of a segment is not as its record says. Its file's bytes are checked with all other files."""
    checked = CheckedChain()
    try:
        with closing(open_segment(root / segment.path)) as db:
            check_chain(db, segment.path, tables_in(db), checked, told=told)
            if (checked.head, checked.records, keys_of(db)) != segment[1:]:
                checked.damage.append(Damage(segment.path, "it is not the segment that was joined"))
    except (BadFile, *UNREADABLE) as error:
        checked.damage.append(Damage(segment.path, str(error)))
    return checked.damage


def tables_in(db: sqlite3.Connection) -> tuple[str, ...]:
    """Tables of the chain that are there: a segment keeps the schema of the Suture that wrote it."""
    found = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return tuple(table for table in TABLES if table in found)


def _head(db: sqlite3.Connection) -> str:
    return db.execute("SELECT head FROM chain").fetchone()[0].hex()


class OpenSegments:
    """The segments of a store, each opened when it is first asked.

    Args:
        root: the store's directory.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._open: dict[str, sqlite3.Connection] = {}

    def of(self, db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
        """Those that the ledger ``db`` names by now. Raises BadFile: one is missing, or is another file."""
        for segment in segments_in(db):
            if segment.path not in self._open:
                opened = open_segment(self._root / segment.path)
                if _head(opened) != segment.ends:
                    opened.close()
                    raise BadFile(f"{self._root / segment.path} is another segment", mend="suture verify")
                self._open[segment.path] = opened
            yield self._open[segment.path]

    def close(self) -> None:
        while self._open:
            self._open.popitem()[1].close()
