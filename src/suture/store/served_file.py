"""The records of what was served: one SQLite file in the store, appended to by servers and read by everybody else."""

import sqlite3
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from suture.core.errors import BadFile, UnknownName
from suture.core.measure.served_record import Claim, Gap, Opinion, Removal, Reward, ServedRecord, say
from suture.store.chain import append
from suture.store.connection import connect, connect_reading, transaction
from suture.store.served_schema import SERVED

_CHOSEN_RECORDS = """
    SELECT record FROM (
        SELECT seq, record FROM records WHERE received >= ? AND (model = ? OR ? IS NULL) ORDER BY seq DESC LIMIT ?
    ) ORDER BY seq
"""


CACHE_KIB = 2048
"""Of pages that whoever appends will not read again; a server that is asked for long would fill any larger one."""

MOST_SEARCHED = 20_000
"""Records, counted from the end, that are looked through for a digest."""

_LATEST_LIKE = """
    SELECT record FROM (SELECT seq, record FROM records ORDER BY seq DESC LIMIT ?)
    WHERE record LIKE ? ORDER BY seq DESC LIMIT ?
"""


class Totals(NamedTuple):
    """How many records and answers there are, answers that are counted in gaps, and what was removed as too old."""

    records: int
    answers: int
    gap_answers: int
    claims: int
    removed_answers: int
    removed_gap_answers: int


class ServedFile:
    """Every write is one transaction. A record that was committed survives the death of the process, not a power cut
    (``synchronous=NORMAL``): answers wait for it."""

    def __init__(self, path: Path) -> None:
        """Open or create. Raises what ``connect`` raises."""
        self.path = path
        self._db = connect(path, SERVED)
        self._db.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        self._db.execute("PRAGMA secure_delete=ON")  # of what is removed for its age nothing stays in free pages

    @classmethod
    def to_read(cls, path: Path) -> "ServedFile":
        """Raises BadFile: nothing was ever recorded here."""
        if not path.exists():
            raise BadFile(f"no records here ({path})", mend="suture serve MODEL")
        opened = cls.__new__(cls)
        opened.path, opened._db = path, connect_reading(path, SERVED)
        return opened

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Generator[sqlite3.Connection]:
        """Raises Fault, DiskFull: the file cannot be written; nothing of it was."""
        with transaction(self.path, self._db, durable=False, explains=sqlite3.DatabaseError):
            yield self._db

    # Writing: in the caller's transaction

    def add_records(self, records: Iterable[ServedRecord]) -> None:
        rows = [(one.id, one.received, one.model, len(one.answers), one.to_json_text()) for one in records]
        append(self._db, "records", rows)

    def add_gaps(self, gaps: Iterable[Gap]) -> None:
        append(self._db, "gaps", [(gap.answers, gap.to_json_text()) for gap in gaps])

    def add_claim(self, claim: Claim) -> None:
        """Raises UnknownName: there is no record of that answer, or nothing that could be withdrawn."""
        row = self._db.execute("SELECT answers FROM records WHERE id = ?", (claim.record,)).fetchone()
        if row is None or claim.choice >= row[0]:
            choice = f", choice {claim.choice}" if row else ""
            raise UnknownName("record", f"{claim.record}{choice}", (), mend="suture records list")
        if claim.opinion is Opinion.WITHDRAWN:
            standing = standing_claims(self.claims(claim.record))
            if not any((one.choice, one.by) == (claim.choice, claim.by) for one in standing):
                mend = f"suture records show {claim.record}"
                raise UnknownName("claim", f"on {claim.record} by {claim.by}", (), mend=mend)
        append(self._db, "claims", [(claim.record, claim.to_json_text())])

    def add_rewards(self, rewards: Iterable[Reward]) -> None:
        """Those that say something new."""
        fresh = [one for one in rewards if not any(_alike(one, known) for known in self.rewards(one.record))]
        append(self._db, "rewards", [(one.record, one.to_json_text()) for one in fresh])

    def note_pack(self, sha256: str, path: Path) -> None:
        """Where a pack lies that answers from now on, so that its answers can be asked for again."""
        if self.pack_path(sha256) != path:
            append(self._db, "packs", [(sha256, str(path))])

    # Reading

    def record(self, record_id: str) -> ServedRecord:
        """Raises UnknownName: no such record."""
        row = self._db.execute("SELECT record FROM records WHERE id = ?", (record_id,)).fetchone()
        if row is None:
            near = self._db.execute("SELECT id FROM records ORDER BY seq DESC LIMIT 5")
            known = [record_id for (record_id,) in near]
            raise UnknownName("record", record_id, known, mend="suture records list")
        return ServedRecord.from_json_text(row[0])

    def records(
        self, *, model: str | None = None, since: str = "", newest: int | None = None
    ) -> Iterator[ServedRecord]:
        """Oldest first, of the ``newest`` if a number is given."""
        chosen = (since, model, model, -1 if newest is None else newest)
        found = self._db.execute(_CHOSEN_RECORDS, chosen)
        for (record,) in found:
            yield ServedRecord.from_json_text(record)

    def answers_like(self, digest: str, *, most: int) -> Iterator[tuple[ServedRecord, int, str]]:
        """Answers whose digest, or whose request's, begins with these hexadecimal digits: record, choice, and that
        digest; of the latest records, newest first."""
        pattern = f'%digest":"{digest}%'
        for (text,) in self._db.execute(_LATEST_LIKE, (MOST_SEARCHED, pattern, most)):
            record = ServedRecord.from_json_text(text)
            for choice, answer in enumerate(record.answers):
                for value in (answer.text_digest, record.request_digest):
                    if value.startswith(digest):
                        yield record, choice, value

    def gaps(self) -> list[Gap]:
        return [Gap.from_json_text(text) for (text,) in self._db.execute("SELECT record FROM gaps ORDER BY seq")]

    def claims(self, record_id: str | None = None) -> list[Claim]:
        """Oldest first; of one record, or all."""
        query = "SELECT record FROM claims WHERE id = ? OR ? IS NULL ORDER BY seq"
        return [Claim.from_json_text(text) for (text,) in self._db.execute(query, (record_id, record_id))]

    def blamed(self) -> set[str]:
        """Ids of records with an answer that somebody calls wrong, and has not withdrawn."""
        return {one.record for one in standing_claims(self.claims()) if one.opinion is not Opinion.GOOD}

    def rewards(self, record_id: str | None = None) -> list[Reward]:
        query = "SELECT record FROM rewards WHERE id = ? OR ? IS NULL ORDER BY seq"
        return [Reward.from_json_text(text) for (text,) in self._db.execute(query, (record_id, record_id))]

    def pack_path(self, sha256: str) -> Path | None:
        """Where a pack lay when it last began to answer."""
        query = "SELECT path FROM packs WHERE sha256 = ? ORDER BY seq DESC LIMIT 1"
        row = self._db.execute(query, (sha256,)).fetchone()
        return Path(row[0]) if row else None

    def last_removal(self) -> Removal | None:
        row = self._db.execute("SELECT record FROM removals ORDER BY seq DESC LIMIT 1").fetchone()
        return Removal.from_json_text(row[0]) if row else None

    def totals(self) -> Totals:
        records, answers = self._db.execute("SELECT COUNT(*), COALESCE(SUM(answers), 0) FROM records").fetchone()
        (gaps,) = self._db.execute("SELECT COALESCE(SUM(answers), 0) FROM gaps").fetchone()
        (claims,) = self._db.execute("SELECT COUNT(*) FROM claims").fetchone()
        gone = self.last_removal()
        removed = (gone.answers, gone.gap_answers) if gone else (0, 0)
        return Totals(records, answers, gaps, claims, *removed)


@contextmanager
def served_records(path: Path) -> Generator[ServedFile]:
    """Open for reading. Raises BadFile: nothing was ever recorded here."""
    with closing(ServedFile.to_read(path)) as file:
        yield file


def standing_claims(claims: Sequence[Claim]) -> list[Claim]:
    """The last word of everybody on each answer that was not withdrawn, in the order in which they were said."""
    said: dict[tuple[str, int, str], list[Claim]] = {}
    for one in claims:
        withdrawn = one.opinion is Opinion.WITHDRAWN
        say(said.setdefault((one.record, one.choice, one.by), []), None if withdrawn else one)
    last = {id(words[-1]) for words in said.values() if words}
    return [one for one in claims if id(one) in last]


def _alike(one: Reward, other: Reward) -> bool:
    return one.model_copy(update={"at": other.at}) == other
