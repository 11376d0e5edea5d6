"""The ledger keeps what is finished, whole, and nothing is ever taken back from the registry."""

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from suture.core.errors import BadFile, Fault, UsageError
from suture.core.gate.looks import HeldOutShowing
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.core.plan.stages import BENCH, PACK, BenchDone, PromoteDone, StageOf
from suture.store.finished import Finished
from suture.store.ledger import Ledger
from suture.store.migrations import MIGRATIONS, Schema

PASS = Verdict(outcome=Outcome.PASS, cpu_s=0.5)
FAULT = Verdict(outcome=Outcome.FAULT, reason=Reason.FAULT)


def test_opening_again_changes_nothing(ledger, event):
    def schema():
        with closing(sqlite3.connect(ledger.path)) as db:
            return db.execute("SELECT sql FROM sqlite_master").fetchall(), db.execute(
                "SELECT name FROM migrations"
            ).fetchall()

    ledger.add_event(event(), over=None)
    before = schema()
    again = Ledger(ledger.path)
    assert again.events() == ledger.events()
    again.close()
    assert schema() == before
    assert [name for (name,) in before[1]] == [name for name, _ in MIGRATIONS]


def test_a_migration_that_fails_leaves_the_schema_as_it_was(ledger, monkeypatch):
    broken = ("9999-broken", "CREATE TABLE half (a TEXT) STRICT; CREATE TABLE runs (a TEXT);")
    monkeypatch.setattr("suture.store.ledger_file.LEDGER", Schema("ledger", (*MIGRATIONS, broken)))
    with pytest.raises(BadFile, match="not a readable ledger"):
        Ledger(ledger.path)
    with closing(sqlite3.connect(ledger.path)) as db:
        assert db.execute("SELECT name FROM sqlite_master WHERE name = 'half'").fetchall() == []


@pytest.mark.parametrize("content", [b"no database at all, but long enough" * 40, b"SQLite format 3\0?"])
def test_a_file_that_is_no_ledger_is_a_bad_file(tmp_path, content):
    path = tmp_path / "ledger.db"
    path.write_bytes(content)
    with pytest.raises(BadFile, match=r"ledger\.db: not a readable ledger"):
        Ledger(path)
    assert path.read_bytes() == content


def test_a_file_where_the_store_should_be_is_said_in_one_line(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="is no directory"):
        Ledger(tmp_path / "file" / "ledger.db")


def test_a_run_and_its_stages(ledger, plan):
    run = plan().run_id
    ledger.add_run(plan(), "runs/a", "2026-01-01")
    ledger.add_run(plan(), "runs/other", "2026-01-02")
    assert [(r["id"], r["directory"]) for r in ledger.runs()] == [(run, "runs/a")]
    assert ledger.plan(run) == plan()
    assert ledger.finished(run, BENCH) is None
    finished = Finished(BenchDone(pack="p", faults=2, afresh=("t",)), {"scoreboard": "0" * 64}, "inputs")
    ledger.finish_stage(run, BENCH, finished, now="2026-01-01")
    assert ledger.finished(run, BENCH) == finished
    assert ledger.result(run, BENCH) == finished.result
    assert ledger.result(run, PACK) is None


def test_a_stage_in_an_unknown_form_is_named(ledger, plan):
    ledger.add_run(plan(), "runs/r", "2026-01-01")
    ledger.finish_stage(plan().run_id, BENCH, Finished(BenchDone(pack="p", faults=0), {}), now="2026-01-01")
    with pytest.raises(BadFile, match="stage 'bench' is recorded in a form"):
        ledger.finished(plan().run_id, StageOf("bench", PromoteDone))


def test_runs_are_listed_oldest_first(ledger, plan):
    for name in ("b", "a", "c"):
        ledger.add_run(plan(name), f"runs/{name}", "2026-01-01")
    assert [run["name"] for run in ledger.runs()] == ["b", "a", "c"]


def test_spans_add_up_by_kind(ledger, plan):
    run = plan().run_id
    ledger.add_run(plan(), "runs/a", "2026-01-01")
    ledger.add_spans(run, "bench", {"generate": 1.0, "judge": 0.5, "wall": 2.0})
    ledger.add_spans(run, "bench", {"generate": 2.0, "wall": 2.5})
    assert ledger.kind_seconds(run) == {"generate": 3.0, "judge": 0.5}
    assert ledger.stage_seconds(run) == {"bench": 4.5}
    assert ledger.kind_seconds("other") == {}


def test_an_unknown_run_or_pack_says_how_to_list_them(ledger):
    with pytest.raises(BadFile, match="no run 'abc'") as caught:
        ledger.plan("abc")
    assert caught.value.mend.startswith("suture report")
    with pytest.raises(BadFile, match="no pack 0123456789ab ") as caught:
        ledger.pack_path("0123456789abcdef")
    assert caught.value.mend.startswith("suture registry")


def test_a_pack_is_found_where_it_was_last_put(ledger):
    ledger.add_pack("abc", "packs/old.gguf")
    ledger.add_pack("abc", "packs/new.gguf")
    assert ledger.pack_path("abc") == "packs/new.gguf"


def test_a_batch_comes_back_in_its_order_and_an_unknown_one_not_at_all(ledger, attempt):
    batch = tuple(attempt(name, text=f"é\n{name}") for name in ("T/2", "T/1", "T/10", *(f"X/{n}" for n in range(12))))
    assert ledger.attempts("key") is None
    ledger.add_attempts("key", batch)
    assert ledger.attempts("key") == batch
    assert ledger.attempts("other") is None


def test_a_batch_that_fails_half_way_is_not_there(ledger, attempt):
    class Broken:
        def to_json_text(self):
            raise RuntimeError

    def attempts():
        return [attempt("T/1"), attempt("T/2"), Broken()]

    with pytest.raises(RuntimeError):
        ledger.add_attempts("key", attempts())
    assert ledger.attempts("key") is None
    ledger.add_attempts("key", [attempt("T/3")])
    assert [a.task_id for a in ledger.attempts("key")] == ["T/3"]


def test_the_first_of_two_writers_of_a_batch_wins(ledger, attempt):
    ledger.add_attempts("key", [attempt(text="first")])
    ledger.add_attempts("key", [attempt(text="second")])
    assert [a.completion.text for a in ledger.attempts("key")] == ["first"]


def test_a_process_that_is_killed_in_a_transaction_leaves_nothing(ledger):
    script = (
        "import os, sys; from pathlib import Path; from suture.store.ledger import Ledger\n"
        "with Ledger(Path(sys.argv[1]))._transaction() as db:\n"
        "    db.execute(\"INSERT INTO packs VALUES (1, 'abc', 'p', x'00')\"); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", script, str(ledger.path)], check=False).returncode == 9
    with pytest.raises(BadFile):
        ledger.pack_path("abc")
    ledger.add_pack("abc", "other")


def test_verdicts_are_kept_by_task_program_and_judge(ledger):
    ledger.add_verdicts([("task", "program", "judge", PASS)])
    assert ledger.verdict("task", "program", "judge") == PASS
    for other in (("x", "program", "judge"), ("task", "x", "judge"), ("task", "program", "x")):
        assert ledger.verdict(*other) is None


def test_faults_are_never_kept(ledger):
    ledger.add_verdicts([("task", "program", "judge", FAULT), ("other", "program", "judge", PASS)])
    assert ledger.verdict("task", "program", "judge") is None
    assert ledger.verdict("other", "program", "judge") == PASS
    ledger.add_verdicts([("task", "program", "judge", PASS)])
    assert ledger.verdict("task", "program", "judge") == PASS


def test_events_come_back_in_the_order_they_were_added(ledger, event):
    moves = [("b", None), ("a", "b"), ("b", "a")]
    assert [ledger.add_event(event(pack), over=over) for pack, over in moves] == [1, 2, 3]
    assert [e.pack for e in ledger.events()] == ["b", "a", "b"]


@pytest.mark.parametrize("statement", ["UPDATE events SET record = ''", "DELETE FROM events"])
def test_events_are_never_changed_or_removed(ledger, event, statement):
    ledger.add_event(event(), over=None)
    with closing(sqlite3.connect(ledger.path)) as db, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute(statement)
    assert ledger.events() == (event(),)


def test_two_connections_see_each_others_writes(ledger, event):
    with closing(Ledger(ledger.path)) as other:
        ledger.add_event(event("a"), over=None)
        other.add_event(event("b"), over="a")
        assert [e.pack for e in ledger.events()] == [e.pack for e in other.events()] == ["a", "b"]


def test_an_alias_that_was_moved_meanwhile_is_not_moved_again(ledger, event):
    with closing(Ledger(ledger.path)) as other:
        other.add_event(event("a"), over=None)
        with pytest.raises(UsageError, match="was moved meanwhile"):
            ledger.add_event(event("b"), over=None)
        assert [e.pack for e in ledger.events()] == ["a"]


def test_two_processes_open_and_write_at_once(tmp_path):
    script = (
        "import sys; from pathlib import Path; from suture.store.ledger import Ledger\n"
        "ledger = Ledger(Path(sys.argv[1]))\n"
        "for n in range(25): ledger.add_pack(f'{sys.argv[2]}-{n}', 'p')"
    )
    path = tmp_path / "ledger.db"
    children = [subprocess.Popen([sys.executable, "-c", script, str(path), name]) for name in "ab"]
    assert [child.wait() for child in children] == [0, 0]
    with closing(Ledger(path)) as ledger:
        assert all(ledger.pack_path(f"{name}-{n}") == "p" for name in "ab" for n in range(25))


def test_a_write_that_cannot_be_made_is_a_fault(ledger):
    with closing(sqlite3.connect(ledger.path)) as db:
        db.execute("DROP TABLE packs")
    with pytest.raises(Fault, match=r"ledger\.db: no such table"):
        ledger.add_pack("abc", "p")


def trial(candidate, evidence="run"):
    return HeldOutShowing(holdout="h", candidate=candidate, evidence=evidence, model="m", tasks=3, at="now")


def test_trials_are_counted_once_and_in_order(ledger):
    for candidate, evidence in [("b", "run"), ("a", "run"), ("b", "run"), ("b", "again")]:
        ledger.add_trial(trial(candidate, evidence))
    assert ledger.trials() == (trial("b"), trial("a"), trial("b", "again"))


@pytest.mark.parametrize("statement", ["DELETE FROM trials", "UPDATE trials SET record = 'x'"])
def test_trials_are_append_only(ledger, statement):
    ledger.add_trial(trial("a"))
    with closing(sqlite3.connect(ledger.path)) as other, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        other.execute(statement)


def test_half_a_character_is_kept_and_chained(ledger, attempt):
    told = Verdict(outcome=Outcome.FAIL, reason=Reason.EXCEPTION, detail="not \udfff")
    first = attempt(text="a\ud835 \ud83d\ude00")
    ledger.add_attempts("key", [first])
    ledger.add_verdicts([("t", "p", "j", told)])
    assert ledger.attempts("key") == (first,)
    assert first.completion.text == "a\ud835 \U0001f600"
    assert ledger.verdict("t", "p", "j") == told
