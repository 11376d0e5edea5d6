"""Verifies that the store is what was recorded: the hash of every record and file is computed again.

What this proves, and what it cannot, is in docs/store.md.
"""

import heapq
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from suture.core.errors import BadFile
from suture.files.small_files import sha256_of
from suture.store.chain import FIRST_HEAD, TABLES, link
from suture.store.connection import UNREADABLE, connect_reading
from suture.store.migrations import migrate
from suture.store.store import Store

Told = Callable[[int], None]
TOLD_EVERY = 10_000

OWN_FILES = re.compile(r"ledger\.(db|db-wal|db-shm|lock|claims|use)|(.*/)?\.lock|(.*/)?\.[^/]+\.partial-\d+(/.*)?")
"""The ledger, its locks (in several files in older stores), and what a killed process may leave under no final name."""


@dataclass(frozen=True)
class Damage:
    """``where``: a file, relative to the store, or a record of the ledger."""

    where: str
    found: str


@dataclass
class Verified:
    """Attributes:
    head: the chain's last hash, 64 hex digits.
    unvouched: files that no finished stage vouches for, such as those of a run that was stopped.
    """

    head: str = ""
    records: int = 0
    files: int = 0
    damage: list[Damage] = field(default_factory=list[Damage])
    unvouched: list[str] = field(default_factory=list[str])

    @property
    def holds(self) -> bool:
        return not self.damage

    def to_json(self) -> dict[str, Any]:
        return {"holds": self.holds, **asdict(self)}


def verify_store(store: Store, *, remembered: str | None = None, told: Told = lambda done: None) -> Verified:
    """Check every record and every file; nothing is changed.

    Args:
        remembered: a head that was written down earlier; the chain must have passed through it.
        told: called with how many records were checked since it was last called.
    """
    verified = Verified()
    with closing(connect_reading(store.ledger.path)) as db:
        try:
            verified.damage.extend(_broken_schema(db))
            _check_chain(db, verified, remembered=remembered, told=told)
        except UNREADABLE as error:
            verified.damage.append(Damage(store.ledger.path.name, str(error)))
    try:
        _check_files(store, verified, told)
    except UNREADABLE as error:
        verified.damage.append(Damage(store.ledger.path.name, str(error)))
    return verified


def _broken_schema(db: sqlite3.Connection) -> Iterator[Damage]:
    """Tables, triggers and indexes as the migrations make them, and SQLite's own check of its pages and indexes."""
    query = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name"
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        migrate(fresh)
        wanted, found = (set(one.execute(query).fetchall()) for one in (fresh, db))
    for kind, name, *_ in sorted(wanted ^ found, key=repr):
        yield Damage("ledger.db", f"{kind} {name} is not as the migrations make it")
    for (line,) in db.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield Damage("ledger.db", line)


def _check_chain(db: sqlite3.Connection, verified: Verified, *, remembered: str | None, told: Told) -> None:
    """Every record against its own hash and the one before it."""
    damage = verified.damage
    db.text_factory = _with_any_bytes
    db.execute("BEGIN")  # one state of the ledger, whatever others append meanwhile
    heads = {FIRST_HEAD}
    last, passed = 0, remembered in (None, FIRST_HEAD.hex())
    for seq, table, values, head in heapq.merge(*(_records(db, table) for table in TABLES), key=lambda r: r[0]):
        where = f"ledger.db: {table} record {seq} ({_named(values)})"
        if seq == last:
            damage.append(Damage(where, "its place in the chain is taken twice"))
        elif seq > last + 1:
            damage.append(Damage("ledger.db", f"records {last + 1} to {seq - 1} are missing"))
            heads = {head}
        computed = {link(before, seq, table, values) for before in heads} if seq == last + 1 else {head}
        if head not in computed:
            damage.append(Damage(where, "it was changed: its content and its hash do not fit"))
        # After damage the next record may follow either what is written or what should be: it is named only if neither.
        heads, last = {head, *computed}, seq
        passed = passed or head.hex() == remembered
        verified.records += 1
        if verified.records % TOLD_EVERY == 0:
            told(TOLD_EVERY)
    told(verified.records % TOLD_EVERY)
    chain = [(seq, _as_hash(head)) for seq, head in db.execute("SELECT seq, head FROM chain")]
    verified.head = ", ".join(head.hex() for _, head in chain)
    if len(chain) != 1 or chain[0][0] != last or chain[0][1] not in heads:
        damage.append(Damage("ledger.db: chain", f"the head does not fit the last record, {last}"))
    if not passed:
        damage.append(Damage("ledger.db: chain", f"it never had the head {remembered}: its past was rewritten"))


def _records(db: sqlite3.Connection, table: str) -> Iterator[tuple[int, str, tuple[Any, ...], bytes]]:
    for seq, *values, head in db.execute(f"SELECT * FROM {table} ORDER BY seq"):  # noqa: S608 - one of TABLES
        yield seq, table, tuple(values), _as_hash(head)


def _as_hash(head: object) -> bytes:
    """Whatever damage made of it."""
    return head if isinstance(head, bytes) else b""


def _named(values: tuple[Any, ...]) -> str:
    return ", ".join(str(value)[:48] for value in values[:2])


def _check_files(store: Store, verified: Verified, told: Told) -> None:
    promised = store.ledger.files()
    for path, sha256 in sorted(promised.items()):
        found = _hash_if_there(store.home.absolute(path))
        if found != sha256 and store.ledger.file(path) == sha256:  # not if another process made it again meanwhile
            was = "is missing" if found is None else f"was changed: it is {found[:12]}"
            verified.damage.append(Damage(path, f"{was}, and should be {sha256[:12]}"))
    verified.files = len(promised)
    written = (store.home.relative(path) for path in sorted(store.home.root.rglob("*")) if path.is_file())
    verified.unvouched = [path for path in written if path not in promised and not OWN_FILES.fullmatch(path)]


def _hash_if_there(path: Path) -> str | None:
    try:
        return sha256_of(path)
    except BadFile:
        return None


def _with_any_bytes(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
