"""The file of served records: its chain, what is claimed of answers, and what is removed as too old."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from suture.core.digest import digest_of, digest_of_text
from suture.core.errors import BadFile, UnknownName
from suture.core.measure.served_record import (
    AnswerOutcome,
    Claim,
    Gap,
    Opinion,
    RecordedAnswer,
    Reward,
    ServedRecord,
)
from suture.store.chain_check import Damage
from suture.store.served_file import ServedFile, served_records, standing_claims
from suture.store.served_retention import Retention, remove_old
from suture.store.verify_served import verify_served

START = datetime(2026, 1, 1, tzinfo=UTC)


def made(number: int, *, answers: int = 1, words: str = "hello") -> ServedRecord:
    answer = RecordedAnswer(outcome=AnswerOutcome.COMPLETE, model="code", text=words, text_digest=digest_of_text(words))
    request = {"model": "code", "messages": [{"role": "user", "content": str(number)}]}
    return ServedRecord(
        id=f"chatcmpl-{number:04}",
        received=(START + timedelta(days=number)).isoformat(timespec="milliseconds"),
        interface="chat",
        model="code",
        request=request,
        request_digest=digest_of(request),
        suture="0",
        answers=(answer,) * answers,
    )


def claim(number: int, opinion: Opinion = Opinion.BAD, by: str = "laptop", **more: object) -> Claim:
    return Claim(record=f"chatcmpl-{number:04}", opinion=opinion, by=by, at="2026-01-01T00:00:00+00:00", **more)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "served.db"


@pytest.fixture
def file(path):
    with closing(ServedFile(path)) as opened:
        yield opened


def fill(file: ServedFile, numbers: range, **more: object) -> None:
    for number in numbers:
        with file.transaction():
            file.add_records([made(number, **more)])


def test_what_was_written_is_read_again_oldest_first_and_counted(file, path):
    with file.transaction():
        file.add_records([made(1), made(2, answers=3)])
        file.add_gaps([Gap(since="a", until="b", answers=4, requests=2, why="too many waited")])
        file.add_claim(claim(2, choice=2))
        file.note_pack("ab" * 32, path)
        file.note_pack("ab" * 32, path)
    assert [one.id for one in file.records()] == ["chatcmpl-0001", "chatcmpl-0002"]
    assert [one.id for one in file.records(newest=1)] == ["chatcmpl-0002"]
    assert [one.id for one in file.records(model="other")] == []
    assert file.record("chatcmpl-0002") == made(2, answers=3)
    assert file.totals()[:4] == (2, 4, 4, 1)
    assert file.pack_path("ab" * 32) == path
    checked = verify_served(path)
    assert checked.damage == [] and checked.records == 5


def test_a_claim_is_on_an_answer_that_there_is(file):
    fill(file, range(1))
    for wrong in (claim(7), claim(0, choice=1)):
        with pytest.raises(UnknownName), file.transaction():
            file.add_claim(wrong)
    assert file.claims() == []


def test_the_last_word_of_everybody_stands():
    first, other, last = claim(1, Opinion.BAD), claim(1, Opinion.BAD, by="phone"), claim(1, Opinion.GOOD)
    assert standing_claims([first, other, last]) == [other, last]


def test_a_withdrawal_takes_back_one_word_and_the_one_before_it_stands_again(file):
    fill(file, range(2))
    first, last, other = claim(1), claim(1, Opinion.GOOD), claim(1, by="phone")
    back = claim(1, Opinion.WITHDRAWN)
    with file.transaction():
        for said in (first, other, last, back):
            file.add_claim(said)
    assert standing_claims(file.claims()) == [first, other]
    with file.transaction():
        file.add_claim(back)
    assert standing_claims(file.claims()) == [other]
    assert file.claims() == [first, other, last, back, back]
    for nothing in (back, claim(0, Opinion.WITHDRAWN), claim(1, Opinion.WITHDRAWN, by="nobody")):
        with pytest.raises(UnknownName, match="claim"), file.transaction():
            file.add_claim(nothing)
    assert standing_claims([back, first]) == [first]  # what it took back was removed for its age


def test_a_reward_is_kept_once(file):
    fill(file, range(1))
    reward = Reward(record="chatcmpl-0000", value=-1, why="its examples fail", pack="ab" * 32, at="1")
    for at in ("1", "2"):
        with file.transaction():
            file.add_rewards([reward.model_copy(update={"at": at})])
    assert file.rewards("chatcmpl-0000") == [reward]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE records SET record = replace(record, 'hello', 'bye') WHERE seq = 2",
        "DELETE FROM records WHERE seq = 2",
        "DELETE FROM records WHERE seq = 3",
        "UPDATE chain SET head = zeroblob(32)",
        "UPDATE beginning SET seq = 1",
        "DROP TRIGGER gaps_refuse_update",
    ],
)
def test_any_change_is_found(file, path, change):
    fill(file, range(3))
    assert verify_served(path).damage == []
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE tbl_name = 'records' AND type = 'trigger'")
        kept = triggers.fetchall()
        for name, _ in kept:
            db.execute(f"DROP TRIGGER {name}")
        db.execute(change)
        for _, sql in kept:
            db.execute(sql)
    assert verify_served(path).damage


def test_without_removing_the_triggers_nothing_can_be_changed(file, path):
    fill(file, range(2))
    with closing(sqlite3.connect(path)) as db:
        for change in ("UPDATE records SET model = 'x'", "DELETE FROM records"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                db.execute(change)


def test_what_is_no_file_of_records_is_said(tmp_path, path):
    with pytest.raises(BadFile, match="no records here"), served_records(path):
        pass
    path.write_bytes(b"no database at all, whatever it is" * 100)
    assert isinstance(verify_served(path).damage[0], Damage)


def test_records_are_removed_by_age_and_the_chain_still_holds(file, path):
    fill(file, range(10), answers=2)
    with file.transaction():
        file.add_claim(claim(9))
        file.note_pack("ab" * 32, path)
    before = file.totals()
    removal = remove_old(file, Retention(keep_days=4.5), now=START + timedelta(days=10))
    assert removal is not None and (removal.records, removal.answers) == (6, 12)
    after = file.totals()
    assert after.answers + after.removed_answers == before.answers
    assert [one.id for one in file.records()] == [f"chatcmpl-{number:04}" for number in range(6, 10)]
    assert verify_served(path).damage == [] and file.pack_path("ab" * 32) == path
    assert remove_old(file, Retention(keep_days=4.5), now=START + timedelta(days=10)) is None
    fill(file, range(10, 12))
    again = remove_old(file, Retention(keep_days=0.5), now=START + timedelta(days=20))
    assert again is not None and again.records == 12 and verify_served(path).damage == []
    assert list(file.records()) == [] and file.pack_path("ab" * 32) == path


def test_records_are_removed_by_size_oldest_first(file, path):
    fill(file, range(40), words="x" * 20_000)
    removal = remove_old(file, Retention(keep_mb=0.5))
    assert removal is not None
    left = [one.id for one in file.records()]
    assert 10 < len(left) < 30 and left[-1] == "chatcmpl-0039"
    assert file.totals().removed_answers + len(left) == 40 and verify_served(path).damage == []
    assert remove_old(file, Retention(keep_mb=0.5)) is None
    assert remove_old(file, Retention()) is None


def test_a_beginning_that_no_removal_states_is_damage(file, path):
    fill(file, range(5))
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        head = db.execute("SELECT head FROM records WHERE seq = 2").fetchone()[0]
        db.execute("UPDATE beginning SET seq = 2, head = ?", (head,))
        db.execute("DELETE FROM records WHERE seq <= 2")
    assert any("beginning" in one.where for one in verify_served(path).damage)
