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
from typing import Any, NamedTuple

from suture.core.errors import BadFile
from suture.files.atomic import whole_file
from suture.store.chain import TABLES
from suture.store.chain_check import CheckedChain, Damage, Told, check_chain
from suture.store.connection import UNREADABLE, explained
from suture.store.home import Home

BRING_AGAIN = "suture import run STORE --as-segment, with the store that it came from, puts it back"


class Segment(NamedTuple):
    """One segment, as its record says it.

    Attributes:
        path: relative to the store.
        last: the head of its own chain, 64 hex digits.
        records: how many records that chain has.
        keys: ``keys_of`` it, in hex.
    """

    path: str
    last: str
    records: int
    keys: str


def segments_in(db: sqlite3.Connection) -> list[Segment]:
    """Every segment that was joined to a ledger, oldest first."""
    return [Segment(*row) for row in db.execute("SELECT path, last, records, keys FROM segments ORDER BY seq")]


def open_segment(path: Path) -> sqlite3.Connection:
    """Open a ledger that nobody writes to any more. Raises BadFile: it is not there, or no ledger."""
    db = None
    try:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
        head_of(db)
    except (ValueError, *UNREADABLE) as error:
        if db is not None:
            db.close()
        raise BadFile(f"{path}: a segment that cannot be read ({error})", mend=BRING_AGAIN) from error
    return db


def head_of(db: sqlite3.Connection) -> str:
    """The last hash of a ledger's chain, in hex. Raises ValueError: it has none, or several."""
    ((head,),) = db.execute("SELECT head FROM chain")
    return bytes(head).hex()


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


def copy_segment(source: sqlite3.Connection, name: Path, home: Home, *, told: Told = lambda done: None) -> Segment:
    """Copy a ledger into a store as a segment, and check the copy's chain. Nothing is recorded yet.

    Args:
        source: connected to the ledger; what is written to it meanwhile does not come.
        name: the ledger's file, for messages.

    Raises:
        BadFile: the chain does not hold.
        DiskFull, NoPermission, Fault: it cannot be copied; nothing of it stays.
    """
    try:
        source.execute("BEGIN")
        last = head_of(source)
        target = home.segment(last)
        with whole_file(target) as partial:
            with closing(sqlite3.connect(partial)) as copy:
                copy.execute("PRAGMA journal_mode=OFF")  # it is thrown away when it is not whole
                source.backup(copy)
            segment = _whole(partial, name, home.relative(target), last, told)
    except sqlite3.DatabaseError as error:
        raise explained(home.segments, error) from error
    finally:
        if source.in_transaction:
            source.execute("COMMIT")
    return segment


def _whole(copy: Path, name: Path, path: str, last: str, told: Told) -> Segment:
    checked = CheckedChain()
    with closing(open_segment(copy)) as db:
        (sound,) = db.execute("PRAGMA integrity_check(1)").fetchone()
        keys = _read_through(db, name.name, checked, told)
    found = [damage.found for damage in checked.damage] + [sound] * (sound != "ok")
    if found or checked.head != last:
        raise BadFile(f"{name} does not hold: {found[:1] or checked.head}", mend=f"suture verify --home {name.parent}")
    return Segment(path, last, checked.records, keys)


def check_segment(segment: Segment, home: Home, *, told: Told = lambda done: None) -> list[Damage]:
    """What of a segment is not as its record says. Its file's bytes are checked with all other files."""
    checked = CheckedChain()
    try:
        with closing(open_segment(home.absolute(segment.path))) as db:
            keys = _read_through(db, segment.path, checked, told)
            if (checked.head, checked.records, keys) != segment[1:]:
                checked.damage.append(Damage(segment.path, "it is not the segment that was joined"))
    except (BadFile, *UNREADABLE) as error:
        checked.damage.append(Damage(segment.path, str(error)))
    return checked.damage


def _read_through(db: sqlite3.Connection, name: str, checked: CheckedChain, told: Told) -> str:
    """Check the whole chain; returns ``keys_of`` the ledger."""
    check_chain(db, name, tables_in(db), checked, told=told)
    return keys_of(db)


def tables_in(db: sqlite3.Connection) -> tuple[str, ...]:
    """Tables of the chain that are there: a segment keeps the schema of the Suture that wrote it."""
    found = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return tuple(table for table in TABLES if table in found)


class OpenSegments:
    """The segments of a store, each opened when it is first asked.

    Args:
        root: the store's directory.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._open: dict[str, sqlite3.Connection] = {}

    def rows(self, ledger: sqlite3.Connection, query: str, values: tuple[str, ...]) -> list[tuple[Any, ...]]:
        """The rows of the first segment that has any, of those that the ledger names by now.

        Raises:
            BadFile: one that is asked is missing, or is not what was joined.
        """
        for db, path in self._of(ledger):
            try:
                rows: list[tuple[Any, ...]] = db.execute(query, values).fetchall()
            except UNREADABLE as error:
                raise BadFile(f"{path}: a segment that cannot be read ({error})", mend=BRING_AGAIN) from error
            if rows:
                return rows
        return []

    def _of(self, ledger: sqlite3.Connection) -> Iterator[tuple[sqlite3.Connection, Path]]:
        for segment in segments_in(ledger):
            path = self._root / segment.path
            if segment.path not in self._open:
                opened = open_segment(path)
                if head_of(opened) != segment.last:
                    opened.close()
                    raise BadFile(f"{path} is another segment than was joined", mend=BRING_AGAIN)
                self._open[segment.path] = opened
            yield self._open[segment.path], path

    def close(self) -> None:
        while self._open:
            self._open.popitem()[1].close()
