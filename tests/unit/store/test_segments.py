"""Answers of another store are joined by one record: found like one's own, and verified with the chain."""

import json
import sqlite3
from contextlib import closing

import pytest
from scripted_stores import heal, opened

from suture.cli.options import Common
from suture.cli.verbs.imports import run
from suture.core.errors import BadFile, DiskFull
from suture.core.measure.verdict import Outcome, Verdict
from suture.loop.rederive import differing_decisions
from suture.store.brought_answers import BroughtAnswers, join_segment
from suture.store.chain import TABLES
from suture.store.garbage import Refuse
from suture.store.import_runs import import_runs
from suture.store.segments import keys_of, open_segment, tables_in
from suture.store.verification import verify_store

PASS, FAIL = Verdict(outcome=Outcome.PASS), Verdict(outcome=Outcome.FAIL, reason="wrong")


@pytest.fixture
def stores(tmp_path):
    """A store at home with a run of its own, and another with another run."""
    heal(tmp_path / "ours", name="ours")
    heal(tmp_path / "theirs", learns={1, 2})
    home, other = opened(tmp_path / "ours"), opened(tmp_path / "theirs")
    with closing(home.ledger), closing(other.ledger):
        yield home, other


def batches_of(store):
    return {batch for (batch,) in store.ledger._db.execute("SELECT batch FROM attempts")}


def joined(home, other):
    return import_runs(home, other, as_segment=True)


def test_what_is_looked_up_is_what_appended_rows_would_have_said(stores, tmp_path):
    home, other = stores
    heal(tmp_path / "third", name="ours")
    with closing((rows := opened(tmp_path / "third")).ledger):
        import_runs(rows, other)
        done = joined(home, other)
        batches = batches_of(other)
        assert batches - batches_of(home), "some are in the segment alone"
        assert {batch: home.ledger.attempts(batch) for batch in batches} == {
            batch: rows.ledger.attempts(batch) for batch in batches
        }
        keys = rows.ledger._db.execute("SELECT task, program, judge FROM verdicts").fetchall()
        assert keys and all(home.ledger.verdict(*key) == rows.ledger.verdict(*key) for key in keys)
    assert (done.attempts, done.flips) == (other.ledger.counts()["attempts"], 0)
    assert home.ledger.attempts("0" * 64) is None
    assert home.ledger.verdict("t", "p", "j") is None


def test_one_record_and_one_file_come_however_many_answers_there_are(stores):
    home, other = stores
    before, ends = home.ledger.head[0], other.ledger.head[1]
    joined(home, other)
    (segment,) = home.ledger.segments()
    assert (segment.last, segment.records, segment.path) == (ends, other.ledger.head[0], f"segments/{ends}.db")
    counts = home.ledger.counts()
    assert (counts["segments"], counts["in segments"]) == (1, segment.records)
    small = sum(other.ledger.counts()[table] for table in ("runs", "stages", "files"))
    spans = other.ledger._db.execute("SELECT COUNT(*) FROM spans").fetchone()[0]
    assert home.ledger.head[0] - before <= small + spans + 2
    with closing(open_segment(home.home.absolute(segment.path))) as db:
        assert keys_of(db) == segment.keys
    assert [path.name for path in (home.home.root / "segments").iterdir()] == [f"{ends}.db"]


def test_the_store_holds_and_its_decisions_are_derived_again(stores):
    home, other = stores
    joined(home, other)
    verified = verify_store(home)
    assert (verified.damage, verified.unvouched) == ([], [])
    assert verified.records == home.ledger.head[0] + other.ledger.head[0]
    assert differing_decisions(home) == (2, [])
    assert not [one for one in Refuse(home).found() if "segments" in one.path]


def test_a_second_time_nothing_comes_and_a_store_that_grew_comes_again(stores, attempt):
    home, other = stores
    joined(home, other)
    head = home.ledger.head
    assert joined(home, other).segments == []
    assert home.ledger.head == head
    other.ledger.add_attempts("b" * 64, [attempt()])
    assert len(joined(home, other).segments) == 1
    assert home.ledger.attempts("b" * 64) == (attempt(),)
    assert len(home.ledger.segments()) == 2


def test_what_this_store_asked_itself_comes_first_and_differences_are_counted(stores, attempt):
    home, other = stores
    for store, text in ((home, "ours"), (other, "theirs")):
        store.ledger.add_attempts("b" * 64, [attempt(text=text)])
    home.ledger.add_verdicts([("t", "p", "j", PASS)])
    other.ledger.add_verdicts([("t", "p", "j", FAIL), ("t", "q", "j", FAIL)])
    assert joined(home, other).flips == 1
    assert home.ledger.attempts("b" * 64) == (attempt(text="ours"),)
    assert home.ledger.verdict("t", "p", "j") == PASS
    assert home.ledger.verdict("t", "q", "j") == FAIL


def test_segments_of_the_other_store_come_too(stores, tmp_path, attempt):
    home, other = stores
    heal(tmp_path / "third", name="third", learns=set())
    with closing((third := opened(tmp_path / "third")).ledger):
        third.ledger.add_attempts("c" * 64, [attempt()])
        joined(other, third)
        done = joined(home, other)
    assert len(done.segments) == 2
    assert home.ledger.attempts("c" * 64) == (attempt(),)
    assert verify_store(home).holds


def test_a_reader_sees_what_another_process_joined_meanwhile(stores, attempt):
    home, other = stores
    other.ledger.add_attempts("c" * 64, [attempt()])
    with closing(opened(home.home.root.parent).ledger) as reader:
        assert reader.attempts("c" * 64) is None
        joined(home, other)
        assert reader.attempts("c" * 64) == (attempt(),)


def changed(path, statement):
    with closing(sqlite3.connect(path)) as db, db:
        db.executescript(statement)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (
            "DROP TRIGGER verdicts_refuse_update; UPDATE verdicts SET record = replace(record, 'pass', 'fail');",
            "changed",
        ),
        (
            "DROP TRIGGER attempts_refuse_delete; DELETE FROM attempts WHERE seq = (SELECT MAX(seq) FROM attempts);",
            "missing",
        ),
    ],
)
def test_verify_names_a_segment_that_was_changed(stores, statement, found):
    home, other = stores
    joined(home, other)
    (segment,) = home.ledger.segments()
    changed(home.home.absolute(segment.path), statement)
    damage = verify_store(home).damage
    assert any(one.where == segment.path and "should be" in one.found for one in damage), "its bytes"
    assert any(one.where.startswith(segment.path) and found in one.found for one in damage), "its chain"


@pytest.mark.parametrize("how", ["gone", "another", "no ledger", "no head"])
def test_a_segment_that_is_not_there_is_said_where_it_is_needed(stores, how, attempt):
    home, other = stores
    joined(home, other)
    (segment,) = home.ledger.segments()
    path = home.home.absolute(segment.path)
    path.unlink()
    if how == "another":
        changed(path, open_dump(other))
    elif how == "no head":
        changed(path, "CREATE TABLE chain (seq INTEGER, head BLOB);")
    elif how == "no ledger":
        path.write_text("no ledger")
    with closing(opened(home.home.root.parent).ledger) as ledger:
        with pytest.raises(BadFile, match="segment") as refused:
            ledger.attempts("c" * 64)
        assert refused.value.mend.startswith("suture import run")
        ours = next(iter(batches_of(home)))
        assert ledger.attempts(ours), "what this store recorded itself needs no segment"
    assert any(one.where.startswith(segment.path) for one in verify_store(home).damage)


def open_dump(store):
    """A whole ledger with one record more than was joined."""
    store.ledger.add_verdicts([("t", "p", "j", PASS)])
    return "\n".join(store.ledger._db.iterdump()).replace('DELETE FROM "sqlite_sequence";', "")


def test_a_segment_that_was_changed_or_lost_is_put_back_by_bringing_it_again(stores):
    home, other = stores
    joined(home, other)
    (segment,) = home.ledger.segments()
    path = home.home.absolute(segment.path)
    for harm in (lambda: path.write_bytes(path.read_bytes()[:-4096]), path.unlink):
        harm()
        assert not verify_store(home).holds
        assert joined(home, other).segments == [segment.path]
        assert verify_store(home).holds
        assert home.ledger.segments() == [segment]


def test_a_chain_that_does_not_hold_is_not_joined_and_nothing_of_it_stays(stores, monkeypatch):
    home, other = stores
    changed(other.ledger.path, "DROP TRIGGER verdicts_refuse_update; UPDATE verdicts SET record = '{}' WHERE seq > 20;")
    monkeypatch.setattr("suture.store.import_runs.verify_store", lambda *_, **__: type("Holds", (), {"holds": True}))
    with pytest.raises(BadFile, match="does not hold") as refused:
        joined(home, other)
    assert refused.value.mend == f"suture verify --home {other.home.root}"
    assert home.ledger.segments() == []
    assert not list((home.home.root / "segments").iterdir())


def test_a_full_disk_is_said_and_nothing_stays(stores):
    home, other = stores

    class Full(sqlite3.Connection):
        def backup(self, *_, **__):
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error

    source = sqlite3.connect(other.ledger.path, factory=Full, isolation_level=None)
    with closing(source), pytest.raises(DiskFull):
        join_segment(home, source, other.ledger.path, BroughtAnswers())
    assert home.ledger.segments() == []
    assert not list((home.home.root / "segments").iterdir())


def test_what_a_killed_process_left_is_garbage_and_in_nobodys_way(stores):
    home, other = stores
    path = f"segments/{other.ledger.head[1]}.db"
    home.home.absolute(path).parent.mkdir()
    home.home.absolute(path).write_text("half")
    assert path in [one.path for one in Refuse(home).found()]
    joined(home, other)
    assert verify_store(home).holds
    assert path not in [one.path for one in Refuse(home).found()]


def test_a_segment_keeps_the_schema_that_it_was_written_with(stores, tmp_path, attempt):
    """Of an older Suture: without the table of segments."""
    home, other = stores
    other.ledger.add_attempts("c" * 64, [attempt()])
    with closing(sqlite3.connect(tmp_path / "old.db", isolation_level=None)) as old:
        other.ledger._db.backup(old)
        old.execute("DROP TABLE segments")
        assert set(TABLES) - set(tables_in(old)) == {"segments"}
        join_segment(home, old, tmp_path / "old.db", BroughtAnswers())
    assert home.ledger.attempts("c" * 64) == (attempt(),)
    assert verify_store(home).holds


def test_differences_between_two_segments_are_counted(tmp_path, stores, attempt):
    home, other = stores
    heal(tmp_path / "third", name="third", learns=set())
    with closing((third := opened(tmp_path / "third")).ledger):
        third.ledger.add_attempts("b" * 64, [attempt(text="one")])
        other.ledger.add_attempts("b" * 64, [attempt(text="another")])
        assert joined(home, third).flips == 0
        assert joined(home, other).flips == 1


def test_a_store_with_segments_is_appended_whole_too(stores, tmp_path, attempt):
    home, other = stores
    heal(tmp_path / "third", name="third", learns=set())
    with closing((third := opened(tmp_path / "third")).ledger):
        third.ledger.add_attempts("c" * 64, [attempt()])
        third.ledger.add_verdicts([("t", "c", "j", PASS)])
        joined(other, third)
    import_runs(home, other)
    assert home.ledger.segments() == []
    assert home.ledger.attempts("c" * 64) == (attempt(),)
    assert home.ledger.verdict("t", "c", "j") == PASS


def test_the_verb_says_what_came(stores, capsys):
    home, other = stores
    assert run(other.home.root, as_segment=True, common=Common(home=home.home.root, json=True)) == 0
    assert json.loads(capsys.readouterr().out)["segments"] == [home.ledger.segments()[0].path]
    assert run(other.home.root, as_segment=True, common=Common(home=home.home.root)) == 0
    assert "0 runs came, 1 were here already" in capsys.readouterr().out


def test_a_run_asks_nothing_that_lies_in_a_segment(tmp_path):
    heal(tmp_path / "theirs", name="first", learns=set())
    heal(tmp_path / "theirs")
    home, other = opened(tmp_path / "ours"), opened(tmp_path / "theirs")
    with closing(home.ledger), closing(other.ledger):
        assert import_runs(home, other, ["first"], as_segment=True).runs == [other.ledger.runs()[0]["id"]]
    heal(tmp_path / "ours")
    with closing(opened(tmp_path / "ours").ledger) as ledger:
        assert [run["name"] for run in ledger.runs()] == ["first", "scripted"]
        assert ledger.counts()["attempts"] == 0
