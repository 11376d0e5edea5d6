"""Verifies the records of what was served, as the ledger is verified."""

import sqlite3
from contextlib import closing
from pathlib import Path

from suture.core.errors import SutureError
from suture.core.measure.served_record import Removal
from suture.store.chain import FIRST_HEAD
from suture.store.chain_check import Beginning, CheckedChain, Damage, Told, as_hash, broken_schema, check_chain
from suture.store.connection import UNREADABLE, connect_reading
from suture.store.served_schema import SERVED, TABLES


def verify_served(path: Path, *, remembered: str | None = None, told: Told = lambda done: None) -> CheckedChain:
    """Check every row of the file, and that what was removed from its beginning is what a row of it says.

    Args:
        remembered: a head that was written down earlier; one from before the beginning is no longer in the chain.
    """
    checked = CheckedChain()
    try:
        with closing(connect_reading(path, SERVED)) as db:
            checked.damage.extend(broken_schema(db, path.name, SERVED))
            db.execute("BEGIN")  # one state of the file: meanwhile a server may remove what is too old
            beginning = _beginning(db, path.name, checked)
            check_chain(db, path.name, TABLES, checked, beginning=beginning, remembered=remembered, told=told)
    except UNREADABLE as error:
        checked.damage.append(Damage(path.name, str(error)))
    except SutureError as error:
        checked.damage.append(Damage(path.name, str(error)))
    return checked


def _beginning(db: sqlite3.Connection, name: str, checked: CheckedChain) -> Beginning:
    """Where the chain begins, as the last removal in it says: its hash covers that."""
    rows = db.execute("SELECT seq, head FROM beginning").fetchall()
    said = db.execute("SELECT record FROM removals ORDER BY seq DESC LIMIT 1").fetchone()
    try:
        removal = Removal.from_json_text(said[0]) if said else None
    except ValueError:
        checked.damage.append(Damage(f"{name}: removals", "the last removal cannot be read"))
        removal = None
    wanted = (removal.upto, bytes.fromhex(removal.head)) if removal else (0, FIRST_HEAD)
    if len(rows) != 1 or (rows[0][0], as_hash(rows[0][1])) != wanted:
        checked.damage.append(Damage(f"{name}: beginning", "it is not where the last removal put it"))
    return Beginning(*wanted)
