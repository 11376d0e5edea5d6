"""Removes the oldest records of what was served, by age and by size; what is left is still one chain.

A chain can lose its beginning and nothing else: a row says up to where, with which hash, and how much was removed.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from suture.core.measure.served_record import Removal
from suture.store.chain import append
from suture.store.served_file import ServedFile
from suture.store.served_schema import TABLES

PART = 0.1
"""Of the file is removed at once where it is too large, so that not every record removes one."""


@dataclass(frozen=True)
class Retention:
    """How long records are kept: so many days, and so many megabytes of them. With neither they are kept for ever."""

    keep_days: float | None = None
    keep_mb: float | None = None

    @property
    def says(self) -> str:
        days = [f"{self.keep_days:g} days"] if self.keep_days is not None else []
        size = [f"{self.keep_mb:g} MB"] if self.keep_mb is not None else []
        return " and ".join([*days, *size]) or "for ever"


def remove_old(file: ServedFile, retention: Retention, *, now: datetime | None = None) -> Removal | None:
    """Remove what need not be kept any more; None where there is nothing to remove.

    Raises:
        Fault, DiskFull: the file cannot be written.
    """
    now = now or datetime.now(UTC)
    upto, why = _too_old(file, retention, now), f"kept for {retention.says}"
    if retention.keep_mb is not None:
        upto = max(upto, _too_many(file, retention.keep_mb * 1e6))
    return _remove(file, upto, why, now) if upto else None


def _too_old(file: ServedFile, retention: Retention, now: datetime) -> int:
    """The last place in the chain before the first record that is kept."""
    if retention.keep_days is None:
        return 0
    before = (now - timedelta(days=retention.keep_days)).isoformat(timespec="milliseconds")
    with file.transaction() as db:
        (first,) = db.execute("SELECT MIN(seq) FROM records WHERE received >= ?", (before,)).fetchone()
        (last,) = db.execute("SELECT MAX(seq) FROM records WHERE received < ?", (before,)).fetchone()
        return 0 if last is None else last if first is None else first - 1


def _too_many(file: ServedFile, most_bytes: float) -> int:
    """The place up to which so much is to be removed that less than ``most_bytes`` are left."""
    with file.transaction() as db:
        sizes = {
            name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        }
        held = (sizes["page_count"] - sizes["freelist_count"]) * sizes["page_size"]
        if held <= most_bytes:
            return 0
        share = min(1.0, (held - most_bytes) / held + PART)
        (records,) = db.execute("SELECT COUNT(*) FROM records").fetchone()
        row = db.execute(
            "SELECT seq FROM records ORDER BY seq LIMIT 1 OFFSET ?", (max(0, int(records * share) - 1),)
        ).fetchone()
        return row[0] if row else 0


def _remove(file: ServedFile, upto: int, why: str, now: datetime) -> Removal | None:
    with file.transaction() as db:
        begun, _ = db.execute("SELECT seq, head FROM beginning").fetchone()
        if upto <= begun:
            return None
        counted = [
            db.execute(query, (upto,)).fetchone()[0]
            for query in (
                "SELECT COUNT(*) FROM records WHERE seq <= ?",
                "SELECT COALESCE(SUM(answers), 0) FROM records WHERE seq <= ?",
                "SELECT COALESCE(SUM(answers), 0) FROM gaps WHERE seq <= ?",
                "SELECT COUNT(*) FROM claims WHERE seq <= ?",
            )
        ]
        heads = [
            row
            for table in TABLES
            if (row := db.execute(f"SELECT head FROM {table} WHERE seq = ?", (upto,)).fetchone())  # noqa: S608
        ]
        earlier = file.last_removal()
        before = (earlier.records, earlier.answers, earlier.gap_answers, earlier.claims) if earlier else (0, 0, 0, 0)
        records, answers, gap_answers, claims = (one + two for one, two in zip(counted, before, strict=True))
        removal = Removal(
            at=now.isoformat(timespec="seconds"),
            why=why,
            upto=upto,
            head=heads[0][0].hex(),
            records=records,
            answers=answers,
            gap_answers=gap_answers,
            claims=claims,
        )
        places = "SELECT sha256, path, MAX(seq) FROM packs GROUP BY sha256 HAVING MAX(seq) <= ?"
        append(db, "packs", [row[:2] for row in db.execute(places, (upto,)).fetchall()])
        append(db, "removals", [(removal.to_json_text(),)])
        db.execute("UPDATE beginning SET seq = ?, head = ?", (upto, heads[0][0]))
        for table in TABLES:
            db.execute(f"DELETE FROM {table} WHERE seq <= ?", (upto,))  # noqa: S608 - one of TABLES
    return removal
