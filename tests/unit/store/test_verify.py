"""Law 5: whatever is changed in a store, `suture verify` fails and names it."""

import shutil
import sqlite3
from contextlib import closing
from random import Random

import pytest
from draws import cases
from hypothesis import given
from hypothesis import strategies as st

from suture.core.errors import BadFile
from suture.core.gate.looks import HeldOutShowing
from suture.core.measure.verdict import Outcome, Verdict
from suture.core.plan.stages import BENCH, BenchDone
from suture.files.small_files import write_text
from suture.store.brought_answers import BroughtAnswers, join_segment
from suture.store.chain import TABLES, append
from suture.store.finished import Finished
from suture.store.home import Home
from suture.store.ledger import Ledger
from suture.store.store import Store
from suture.store.verification import verify_store

EACH = cases(60)


@pytest.fixture(scope="module")
def whole(tmp_path_factory, plan, attempt, event):
    """A closed store with a record of every kind and some files."""
    home = Home(tmp_path_factory.mktemp("whole"))
    names = ("runs/a/baseline.json", "runs/a/dataset/rows.jsonl", "packs/p.gguf")
    files = {name: write_text(home.root / name, f"{name} ü\n" * 5) for name in names}
    with closing(Ledger(home.ledger)) as ledger:
        ledger.add_run(plan(), "runs/a", "2026-01-01")
        ledger.add_spans(plan().run_id, "bench", {"generate": 0.25, "wall": 1.0})
        for n in range(4):
            ledger.add_attempts(f"{n:064x}", [attempt(f"T/{n}{i}", text="ü" * n) for i in range(5)])
            ledger.add_verdicts([(f"t{n}", "p", "j", Verdict(outcome=Outcome.PASS))])
        ledger.finish_stage(
            plan().run_id, BENCH, Finished(BenchDone(pack="p", faults=0), {}), now="2026-01-01", files=files
        )
        ledger.add_pack("p", "packs/p.gguf")
        ledger.keep_files({"packs/p.gguf": files["packs/p.gguf"], "runs/a/gone.json": None})
        ledger.add_event(event("p"), over=None)
        ledger.add_trial(
            HeldOutShowing(holdout="h", candidate="p", evidence="run", model="m", tasks=1, at="2026-01-01")
        )
        with closing(Ledger(tmp_path_factory.mktemp("other") / "ledger.db")) as other:
            other.add_verdicts([("t4", "p", "j", Verdict(outcome=Outcome.PASS))])
            join_segment(Store(home, ledger), other._db, other.path, BroughtAnswers())
    return home.root


@pytest.fixture
def home(whole, tmp_path):
    shutil.copytree(whole, tmp_path / "home")
    return Home(tmp_path / "home")


def verified(home, **options):
    with closing(Ledger(home.ledger)) as ledger:
        return verify_store(Store(home, ledger), **options)


def forge(home, *statements):
    """Change a ledger as one who may write to it can, its triggers put back afterwards."""
    with closing(sqlite3.connect(home.ledger, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous=OFF")
        triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            db.execute(*statement) if isinstance(statement, tuple) else db.execute(statement)
        for _, sql in triggers:
            db.execute(sql)


def test_an_untouched_store_holds(home):
    result = verified(home)
    assert result.damage == [] and result.unvouched == []
    assert (result.records, result.files) == (39, 4)


def test_every_kind_of_record_is_in_it(home):
    with closing(sqlite3.connect(home.ledger)) as db:
        assert all(db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in TABLES)


@EACH
@given(data=st.data())
def test_any_byte_of_any_file(whole, tmp_path_factory, data):
    home = Home(tmp_path_factory.mktemp("copy") / "home")
    shutil.copytree(whole, home.root)
    name = data.draw(st.sampled_from(["runs/a/baseline.json", "runs/a/dataset/rows.jsonl", "packs/p.gguf"]))
    content = bytearray((home.root / name).read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    (home.root / name).write_bytes(content)
    assert [damage.where for damage in verified(home).damage] == [name]


def cells(home):
    """(table, seq, column) of every value of every record."""
    with closing(sqlite3.connect(home.ledger)) as db:
        for table in TABLES:
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
            for (seq,) in db.execute(f"SELECT seq FROM {table}").fetchall():
                yield from ((table, seq, column) for column in columns)


def flipped(value, random):
    """The value with one bit, digit or character changed, of the same type."""
    if value is None:
        return "0" * 64
    if isinstance(value, int):
        return value + 1000
    if isinstance(value, float):
        return value + random.choice([-1, 1]) * 2.0**-40
    at = random.randrange(len(value))
    if isinstance(value, bytes):
        return value[:at] + bytes([value[at] ^ (1 << random.randrange(8))]) + value[at + 1 :]
    return value[:at] + chr(ord(value[at]) ^ 64) + value[at + 1 :]


def test_any_column_of_any_record(home):
    random = Random(0)
    every = list(cells(home))
    assert len(every) > 150
    for table, seq, column in every:
        with closing(sqlite3.connect(home.ledger)) as db:
            value = db.execute(f"SELECT {column} FROM {table} WHERE seq = ?", (seq,)).fetchone()[0]
        touched = flipped(value, random)
        forge(home, (f"UPDATE {table} SET {column} = ? WHERE seq = ?", (touched, seq)))
        own = [f"{d.where}: {d.found}" for d in verified(home).damage if d.where.startswith("ledger.db")]
        if column == "seq":
            assert any(line.startswith(f"ledger.db: records {seq} to ") for line in own)
        else:
            assert len(own) == 1 and own[0].startswith(f"ledger.db: {table} record {seq} "), (table, seq, column)
        seq = touched if column == "seq" else seq
        forge(home, (f"UPDATE {table} SET {column} = ? WHERE seq = ?", (value, seq)))
    assert verified(home).holds


@EACH
@given(seed=st.integers(0, 2**32))
def test_any_byte_of_the_ledgers_file(whole, tmp_path_factory, seed):
    """Named, or no part of any record: SQLite's file also has unused space and counters of its own."""
    home = Home(tmp_path_factory.mktemp("copy") / "home")
    shutil.copytree(whole, home.root)
    content = bytearray(home.ledger.read_bytes())
    random = Random(seed)
    content[random.randrange(len(content))] ^= 1 << random.randrange(8)
    home.ledger.write_bytes(content)
    try:
        holds = verified(home).holds
    except BadFile as error:
        assert "ledger" in str(error)
        return
    if holds:
        with closing(sqlite3.connect(whole / "ledger.db")) as before, closing(sqlite3.connect(home.ledger)) as after:
            assert list(after.iterdump()) == list(before.iterdump())


@pytest.mark.parametrize("table", TABLES)
def test_a_record_that_was_removed(home, table):
    forge(home, "PRAGMA foreign_keys=OFF", f"DELETE FROM {table} WHERE seq = (SELECT MAX(seq) FROM {table})")
    assert any("missing" in damage.found or "head" in damage.found for damage in verified(home).damage)


def test_a_record_that_was_added_by_hand(home):
    forge(home, ("INSERT INTO events VALUES (36, '{}', ?)", (b"x" * 32,)))
    assert verified(home).damage[0].where.startswith("ledger.db: events record 36")


def test_a_trigger_or_index_that_was_removed(home):
    with closing(sqlite3.connect(home.ledger)) as db:
        db.execute("DROP TRIGGER events_refuse_update")
        db.execute("DROP INDEX attempts_of_a_batch")
    found = " ".join(damage.found for damage in verified(home).damage)
    assert "events_refuse_update" in found and "attempts_of_a_batch" in found


def test_a_file_that_is_missing_or_not_vouched_for(home):
    (home.root / "runs/a/baseline.json").rename(home.root / "runs/a/other.json")
    result = verified(home)
    assert [(d.where, d.found[:10]) for d in result.damage] == [("runs/a/baseline.json", "is missing")]
    assert result.unvouched == ["runs/a/other.json"]


def test_a_past_rewritten_as_a_whole_shows_only_against_a_head_that_was_remembered(home, whole):
    with closing(Ledger(home.ledger)) as ledger:
        remembered = ledger.head[1]
    with closing(sqlite3.connect(home.ledger, isolation_level=None)) as db:
        rows = [(t, *row) for t in TABLES for row in db.execute(f"SELECT * FROM {t}").fetchall()]
    rows.sort(key=lambda row: row[1])
    forge(home, "PRAGMA foreign_keys=OFF", *(f"DELETE FROM {t}" for t in TABLES))
    with closing(sqlite3.connect(home.ledger, isolation_level=None)) as db:
        db.execute("UPDATE chain SET seq = 0, head = zeroblob(32)")
        for table, _, *values, _ in rows:
            append(db, table, [["2020" if value == "2026-01-01" else value for value in values]])
    assert verified(home).damage == []
    assert [d.where for d in verified(home, remembered=remembered).damage] == ["ledger.db: chain"]
    assert verified(Home(whole), remembered=remembered).damage == []


def test_a_head_of_long_ago_is_still_in_the_chain(home, event):
    with closing(Ledger(home.ledger)) as ledger:
        remembered = ledger.head[1]
        ledger.add_event(event("q"), over="p")
    assert verified(home, remembered=remembered).damage == []
