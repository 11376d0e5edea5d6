"""Rows of the records of what was served that steering learns from: steered answers, and what became of them."""

import sqlite3
from pathlib import Path

from suture.core.measure.served_record import Claim, Reward, ServedRecord
from suture.core.measure.steering.records import Row
from suture.core.measure.steering.route_trust import REMEMBERED
from suture.store.connection import connect, explained
from suture.store.served_schema import SERVED

_TYPES: dict[str, type[Row]] = {"records": ServedRecord, "claims": Claim, "rewards": Reward}
_SINCE = """
    SELECT seq, 'records', record FROM records
        WHERE seq > :since AND seq >= :first AND instr(record, '"steered":') > 0
    UNION ALL SELECT seq, 'claims', record FROM claims WHERE seq > :since
    UNION ALL SELECT seq, 'rewards', record FROM rewards WHERE seq > :since ORDER BY seq
"""
_FIRST = """
    SELECT MIN(seq) FROM (
        SELECT seq, ROW_NUMBER() OVER (
            PARTITION BY json_extract(record, '$.answers[0].how.steered.route') ORDER BY seq DESC
        ) AS place FROM records WHERE instr(record, '"steered":') > 0
    ) WHERE place <= :most
"""


class SteeredRows:
    """Reads them in the order of the chain, as other threads and processes append them. In one thread alone."""

    def __init__(self, path: Path) -> None:
        self._path, self._seen = path, 0
        self._db: sqlite3.Connection | None = None

    def fresh(self, most: int = REMEMBERED) -> list[tuple[int, Row]]:
        """Rows since the last call, each with its place; none while nothing was ever recorded.

        Args:
            most: at the first call, answers of each route to go back by.

        Raises:
            BadFile, Fault: the file cannot be read.
        """
        if self._db is None:
            if not self._path.exists():
                return []
            self._db = connect(self._path, SERVED)  # waits for whoever is making it
        try:
            (last,) = self._db.execute("SELECT seq FROM chain").fetchone()
            if last <= self._seen:
                return []
            first = 0 if self._seen else (self._db.execute(_FIRST, {"most": most}).fetchone()[0] or 0)
            found = self._db.execute(_SINCE, {"since": self._seen, "first": first}).fetchall()
        except sqlite3.DatabaseError as error:
            raise explained(self._path, error) from error
        self._seen = max([last, *(seq for seq, _, _ in found)])
        return [(seq, _TYPES[table].from_json_text(text)) for seq, table, text in found]

    def close(self) -> None:
        """Let go of the file; it is opened again where it is read again."""
        if self._db is not None:
            self._db.close()
            self._db = None
