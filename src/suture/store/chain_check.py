"""Checks a chain: every record against its own hash and the one before it, and the schema that its tables are of."""

import heapq
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from suture.store.chain import FIRST_HEAD, link
from suture.store.migrations import Schema, migrate

Told = Callable[[int], None]
TOLD_EVERY = 10_000


@dataclass(frozen=True)
class Damage:
    """``where``: a file, relative to the store, or a record of a database."""

    where: str
    found: str


class Beginning(NamedTuple):
    """Where a chain begins: after this place, with this head."""

    seq: int = 0
    head: bytes = FIRST_HEAD


WHOLE = Beginning()


@dataclass
class CheckedChain:
    """``head``: the chain's last hash, 64 hex digits."""

    head: str = ""
    records: int = 0
    damage: list[Damage] = field(default_factory=list[Damage])


def broken_schema(db: sqlite3.Connection, name: str, schema: Schema) -> Iterator[Damage]:
    """Tables, triggers and indexes as the migrations make them, and SQLite's own check of its pages and indexes.

    Args:
        name: of the file, for messages.
    """
    query = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name"
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        migrate(fresh, schema)
        wanted, found = (set(one.execute(query).fetchall()) for one in (fresh, db))
    for kind, named, *_ in sorted(wanted ^ found, key=repr):
        yield Damage(name, f"{kind} {named} is not as the migrations make it")
    for (line,) in db.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield Damage(name, line)


def check_chain(
    db: sqlite3.Connection,
    name: str,
    tables: tuple[str, ...],
    checked: CheckedChain,
    *,
    beginning: Beginning = WHOLE,
    remembered: str | None = None,
    told: Told = lambda done: None,
) -> None:
    """Read every record of ``tables`` in one transaction (the caller's, if there is one), whatever others append.

    Args:
        name: of the file, for messages.
        checked: is told what was found, also when a read fails half way.
        remembered: a head that was written down earlier; the chain must have passed through it.
        told: called with how many records were checked since it was last called.
    """
    damage = checked.damage
    db.text_factory = _with_any_bytes
    if not db.in_transaction:
        db.execute("BEGIN")
    heads = {beginning.head}
    last, passed = beginning.seq, remembered in (None, beginning.head.hex())
    for seq, table, values, head in heapq.merge(*(_records(db, table) for table in tables), key=lambda r: r[0]):
        where = f"{name}: {table} record {seq} ({_named(values)})"
        if seq == last:
            damage.append(Damage(where, "its place in the chain is taken twice"))
        elif seq > last + 1:
            damage.append(Damage(name, f"records {last + 1} to {seq - 1} are missing"))
            heads = {head}
        computed = {link(before, seq, table, values) for before in heads} if seq == last + 1 else {head}
        if head not in computed:
            damage.append(Damage(where, "it was changed: its content and its hash do not fit"))
        # After damage the next record may follow either what is written or what should be: it is named only if neither.
        heads, last = {head, *computed}, seq
        passed = passed or head.hex() == remembered
        checked.records += 1
        if checked.records % TOLD_EVERY == 0:
            told(TOLD_EVERY)
    told(checked.records % TOLD_EVERY)
    chain = [(seq, as_hash(head)) for seq, head in db.execute("SELECT seq, head FROM chain")]
    checked.head = ", ".join(head.hex() for _, head in chain)
    if len(chain) != 1 or chain[0][0] != last or chain[0][1] not in heads:
        damage.append(Damage(f"{name}: chain", f"the head does not fit the last record, {last}"))
    if not passed:
        damage.append(Damage(f"{name}: chain", f"it never had the head {remembered}: its past was rewritten"))
    db.execute("COMMIT")


def as_hash(head: object) -> bytes:
    """Whatever damage made of it."""
    return head if isinstance(head, bytes) else b""


def _records(db: sqlite3.Connection, table: str) -> Iterator[tuple[int, str, tuple[Any, ...], bytes]]:
    for seq, *values, head in db.execute(f"SELECT * FROM {table} ORDER BY seq"):  # noqa: S608 - of the caller's tables
        yield seq, table, tuple(values), as_hash(head)


def _named(values: tuple[Any, ...]) -> str:
    return ", ".join(str(value)[:48] for value in values[:2])


def _with_any_bytes(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
