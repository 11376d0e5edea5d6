"""Verifies that the store is what was recorded: the hash of every record and file is computed again.

What this proves, and what it cannot, is in docs/store.md.
"""

import re
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from suture.core.errors import BadFile
from suture.files.small_files import sha256_now
from suture.store.chain import TABLES
from suture.store.chain_check import CheckedChain, Damage, Told, broken_schema, check_chain
from suture.store.connection import UNREADABLE, connect_reading
from suture.store.migrations import LEDGER
from suture.store.segments import check_segment
from suture.store.store import Store
from suture.store.verify_served import verify_served

OWN_FILES = re.compile(
    r"ledger\.(db|db-wal|db-shm|lock|claims|use)|served\.(db|db-wal|db-shm|lock)"
    r"|(.*/)?\.lock|(.*/)?\.[^/]+\.partial-\d+(/.*)?"
)
"""The ledger, the records of what was served, their locks (in several files in older stores), and what a killed process
may leave under no final name."""


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
    name, checked = store.ledger.path.name, CheckedChain()
    with closing(connect_reading(store.ledger.path)) as db:
        try:
            checked.damage.extend(broken_schema(db, name, LEDGER))
            check_chain(db, name, TABLES, checked, remembered=remembered, told=told)
        except UNREADABLE as error:
            checked.damage.append(Damage(name, str(error)))
    verified = Verified(checked.head, checked.records, damage=checked.damage)
    try:
        _check_segments(store, verified, told)
        _check_files(store, verified, told)
    except UNREADABLE as error:
        verified.damage.append(Damage(name, str(error)))
    if store.home.served.exists():
        served = verify_served(store.home.served, told=told)
        verified.damage.extend(served.damage)
        verified.records += served.records
    return verified


def _check_segments(store: Store, verified: Verified, told: Told) -> None:
    for segment in store.ledger.segments():
        verified.damage.extend(check_segment(segment, store.home, told=told))
        verified.records += segment.records


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
        return sha256_now(path)
    except BadFile:
        return None
