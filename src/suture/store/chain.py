"""Every record of the ledger is a link of one chain: its hash covers its content and the hash before it.

So a record that is changed, moved, added or removed afterwards no longer fits its neighbours. The chain's last hash,
the head, stands for everything recorded so far; whoever remembers a head can tell whether its past was rewritten.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence

TABLES = ("runs", "stages", "spans", "attempts", "verdicts", "events", "packs", "files", "trials", "segments")
"""The tables whose rows are links. Their first column is ``seq``, the place in the chain, their last ``head``."""

FIRST_HEAD = bytes(32)

Value = str | int | float | None


def link(head: bytes, seq: int, table: str, values: Sequence[Value]) -> bytes:
    """The head after one more record: SHA-256 of the head before it, then the JSON of ``[seq, table, *values]``."""
    text = json.dumps([seq, table, *values], ensure_ascii=False, separators=(",", ":"), default=repr)
    return hashlib.sha256(head + text.encode("utf-8", "surrogatepass")).digest()


def append(db: sqlite3.Connection, table: str, rows: Iterable[Sequence[Value]]) -> int:
    """Append ``rows`` (without ``seq`` and ``head``) in the caller's transaction; returns the last ``seq``."""
    seq, head = db.execute("SELECT seq, head FROM chain").fetchone()
    links: list[tuple[object, ...]] = []
    for row in rows:
        seq += 1
        head = link(head, seq, table, row)
        links.append((seq, *row, head))
    if links:
        marks = ", ".join("?" * len(links[0]))
        db.executemany(f"INSERT INTO {table} VALUES ({marks})", links)  # noqa: S608 - one of TABLES
        db.execute("UPDATE chain SET seq = ?, head = ?", (seq, head))
    return int(seq)
