"""Runs of another store come home whole or not at all, and nothing comes of a store that does not hold."""

import json
import shutil
from contextlib import closing

import pytest
from fakes import StopsAfter
from scripted_stores import heal, opened

from suture.cli.options import Common
from suture.cli.verbs.imports import run
from suture.core.errors import BadFile, UsageError
from suture.core.gate.anchors import AnchorsKept, KeptCount
from suture.core.gate.gate_report import Decision
from suture.core.gate.looks import HeldOutShowing
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.core.plan.cell_results import CellResult, PassChange
from suture.core.plan.stages import EXPERIMENT, GATE, PROMOTE
from suture.files.small_files import sha256_of
from suture.loop.rederive import differing_decisions
from suture.loop.workshop import Silent
from suture.store.chain import append
from suture.store.finished import Finished
from suture.store.import_runs import import_runs
from suture.store.verification import verify_store


def cell(run, seconds):
    none, change = KeptCount(kept=0, total=0), PassChange(total=1, before=0, after=1, gained=1, lost=0)
    return CellResult(
        run=run, protocol="p", strategy="naive", seed=0, size=1.0, scale="1", trained=change, lost=0, lost_format=0,
        anchors=AnchorsKept(replay=none, gate_only=none, elsewhere=none), repaired=1, splits={}, kl=None, tokens=1,
        seconds=seconds, targets={},
    )  # fmt: skip


@pytest.fixture
def stores(tmp_path):
    """A store at home with a run of its own, and another with another run."""
    heal(tmp_path / "ours", name="ours")
    heal(tmp_path / "theirs")
    home, other = opened(tmp_path / "ours"), opened(tmp_path / "theirs")
    with closing(home.ledger), closing(other.ledger):
        yield home, other


def test_a_run_comes_with_its_files_its_answers_and_its_decision(stores):
    home, other = stores
    run = other.ledger.runs()[0]["id"]
    done = import_runs(home, other)
    assert done.runs == [run]
    assert done.attempts > 0
    assert home.ledger.result(run, PROMOTE) == other.ledger.result(run, PROMOTE)
    assert home.ledger.result(run, GATE).decision is Decision.PROMOTE
    assert home.ledger.kind_seconds(run).keys() == other.ledger.kind_seconds(run).keys()
    directory = home.ledger.runs()[1]["directory"]
    assert (home.home.absolute(directory) / "gate.json").exists()
    assert verify_store(home).holds
    assert differing_decisions(home) == (2, [])


def test_no_alias_is_moved(stores):
    home, other = stores
    before = home.ledger.events()
    import_runs(home, other)
    assert home.ledger.events() == before


def test_a_second_time_nothing_comes(stores):
    home, other = stores
    import_runs(home, other)
    head = home.ledger.head
    done = import_runs(home, other)
    assert (done.runs, done.here, done.attempts, done.verdicts, done.flips) == (
        [],
        [other.ledger.runs()[0]["id"]],
        0,
        0,
        0,
    )
    assert home.ledger.head == head


def test_answers_that_both_stores_asked_are_compared(tmp_path):
    """The same batches, whose answers differ in one of them."""
    heal(tmp_path / "ours")
    heal(tmp_path / "theirs", name="other")
    home, other = opened(tmp_path / "ours"), opened(tmp_path / "theirs")
    with closing(home.ledger), closing(other.ledger):
        assert import_runs(home, other).flips == 0
        batch = "b" * 64
        first = other.ledger.attempts(other.ledger._db.execute("SELECT batch FROM attempts").fetchone()[0])
        other.ledger.add_attempts(batch, first)
        changed = first[0].completion.model_copy(update={"text": "another answer"})
        home.ledger.add_attempts(batch, (first[0].model_copy(update={"completion": changed}), *first[1:]))
        assert import_runs(home, other).flips == 1


@pytest.mark.parametrize("damaged", ["a file", "the chain"])
def test_nothing_comes_of_a_store_that_does_not_hold(stores, damaged):
    home, other = stores
    head = home.ledger.head
    if damaged == "a file":
        gate = next(other.home.root.glob("runs/*/gate.json"))
        gate.write_text(gate.read_text().replace("promote", "reject"))
    else:
        other.ledger._db.execute("DROP TRIGGER stages_refuse_update")
        other.ledger._db.execute("UPDATE stages SET output = replace(output, 'promote', 'reject') WHERE stage = 'gate'")
    with pytest.raises(BadFile, match="does not hold") as said:
        import_runs(home, other)
    assert said.value.mend == f"suture verify --home {other.home.root}"
    assert home.ledger.head == head


def test_a_run_without_a_result_stays_where_it_is(tmp_path):
    heal(tmp_path / "ours", name="ours")
    with pytest.raises(KeyboardInterrupt):
        heal(tmp_path / "theirs", progress=StopsAfter(12))
    home, other = opened(tmp_path / "ours"), opened(tmp_path / "theirs")
    with closing(home.ledger), closing(other.ledger):
        run = other.ledger.runs()[0]["id"]
        done = import_runs(home, other)
        assert (done.runs, done.unfinished, done.attempts) == ([], [run], 0)
        with pytest.raises(UsageError, match="has no result yet"):
            import_runs(home, other, ["scripted"])


def test_a_run_that_ended_otherwise_here_is_not_replaced(tmp_path):
    heal(tmp_path / "ours")
    heal(tmp_path / "theirs", learns=set())
    home, other = opened(tmp_path / "ours"), opened(tmp_path / "theirs")
    with closing(home.ledger), closing(other.ledger):
        assert home.ledger.runs()[0]["id"] == other.ledger.runs()[0]["id"]
        head = home.ledger.result(home.ledger.runs()[0]["id"], PROMOTE)
        assert import_runs(home, other).differing == [home.ledger.runs()[0]["id"]]
        assert home.ledger.result(home.ledger.runs()[0]["id"], PROMOTE) == head
        with pytest.raises(UsageError, match="1 runs are here already with another result"):
            run(other.home.root, common=Common(home=home.home.root))


class ImportsMeanwhile(Silent):
    """Brings the other store's runs here when a run has gone so far."""

    def __init__(self, home, other, at):
        self._home, self._other, self._left = home, other, at
        self.brought = None

    def advance(self, done=1, *, tokens=0):
        self._left -= 1
        if self._left == 0:
            home, other = opened(self._home), opened(self._other)
            with closing(home.ledger), closing(other.ledger):
                self.brought = import_runs(home, other)


@pytest.mark.parametrize("at", [1, 20, 40])
def test_a_run_that_is_under_way_here_is_left_alone(tmp_path, at):
    heal(tmp_path / "theirs", learns=set())
    meanwhile = ImportsMeanwhile(tmp_path / "ours", tmp_path / "theirs", at)
    heal(tmp_path / "ours", progress=meanwhile)
    home = opened(tmp_path / "ours")
    with closing(home.ledger):
        assert (meanwhile.brought.runs, meanwhile.brought.under_way) == ([], [home.ledger.runs()[0]["id"]])
        assert verify_store(home).holds
        assert differing_decisions(home) == (1, [])


@pytest.mark.parametrize(
    ("name", "run_id", "says"),
    [
        ("../../victim", "f" * 12, "is entered as '../../victim', its plan says otherwise"),
        ("scripted", "../../../victim", "'../../../victim' is no id of a run"),
    ],
)
def test_a_run_is_entered_as_its_plan_says(stores, name, run_id, says):
    home, other = stores
    known = other.ledger.runs()[0]["id"]
    folder = other.home.relative(other.home.run(name, run_id))
    stages = other.ledger._db.execute(
        "SELECT stage, output, finished_at FROM stages WHERE run = ?", (known,)
    ).fetchall()
    with other.ledger.appending() as db:
        plan = other.ledger.plan(known)
        append(db, "runs", [(run_id, name, plan.recipe.model, plan.to_json_text(), folder, "2026")])
        append(db, "stages", [(run_id, *stage) for stage in stages])
    with pytest.raises(BadFile, match=says):
        import_runs(home, other)
    assert run_id not in {entry["id"] for entry in home.ledger.runs()}


def test_what_both_ran_is_the_same_run_however_long_it_took(tmp_path, monkeypatch):
    heal(tmp_path / "ours")
    heal(tmp_path / "theirs")
    home, other = opened(tmp_path / "ours"), opened(tmp_path / "theirs")
    with closing(home.ledger), closing(other.ledger):
        run_id = home.ledger.runs()[0]["id"]
        for store, seconds in ((home, 1.0), (other, 2.0)):
            store.ledger.finish_stage(run_id, EXPERIMENT, Finished(cell(run_id, seconds), {}), now="2026-01-01")
        done = import_runs(home, other)
        assert (done.here, done.differing) == ([run_id], [])


def test_a_run_that_was_only_begun_here_takes_the_result_from_where_it_ended(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        heal(tmp_path / "ours", progress=StopsAfter(12))
    heal(tmp_path / "theirs")
    home, other = opened(tmp_path / "ours"), opened(tmp_path / "theirs")
    with closing(home.ledger), closing(other.ledger):
        run_id = other.ledger.runs()[0]["id"]
        assert home.ledger.runs()[0]["id"] == run_id
        assert import_runs(home, other).runs == [run_id]
        assert home.ledger.result(run_id, PROMOTE) == other.ledger.result(run_id, PROMOTE)
        assert len(home.ledger.runs()) == 1
        assert verify_store(home).holds


@pytest.mark.parametrize("path", ["runs/{0}/../../runs/{1}/gate.json", "../recipe.yaml"])
def test_no_file_is_written_outside_of_the_run_that_comes(stores, path):
    home, other = stores
    ours, theirs = (store.ledger.runs()[0]["directory"].removeprefix("runs/") for store in stores)
    kept = (home.home.root / "runs" / ours / "gate.json").read_text()
    written = path.format(theirs, ours)
    file = other.home.root / written
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("evil")
    other.ledger.keep_files({written: sha256_of(file)})
    with pytest.raises(BadFile, match="outside its store"):
        import_runs(home, other)
    assert (home.home.root / "runs" / ours / "gate.json").read_text() == kept
    assert len(home.ledger.runs()) == 1


def test_verdicts_that_differ_are_counted_and_those_here_stand(stores):
    home, other = stores
    passed, failed = Verdict(outcome=Outcome.PASS), Verdict(outcome=Outcome.FAIL, reason=Reason.WRONG)
    home.ledger.add_verdicts([("t" * 64, "p" * 64, "j" * 64, passed)])
    other.ledger.add_verdicts([("t" * 64, "p" * 64, "j" * 64, failed)])
    assert import_runs(home, other).disputed == 1
    assert home.ledger.verdict("t" * 64, "p" * 64, "j" * 64) == passed


def test_looks_at_held_out_tasks_are_counted_wherever_they_were_taken(stores):
    home, other = stores
    run = other.ledger.runs()[0]["id"]
    look = HeldOutShowing(holdout="h" * 64, candidate="c" * 64, evidence=run, tasks=3, at="2026-01-01")
    other.ledger.add_trial(look)
    import_runs(home, other)
    assert home.ledger.trials() == (look,)
    later = look.model_copy(update={"candidate": "d" * 64})
    other.ledger.add_trial(later)
    import_runs(home, other)
    assert home.ledger.trials() == (look, later)


def test_wrong_names_are_said(stores):
    home, other = stores
    with pytest.raises(UsageError, match="no run 'x'"):
        import_runs(home, other, ["x"])
    with pytest.raises(UsageError, match="is this very store"):
        import_runs(home, home)


def test_a_file_that_is_in_the_way_is_replaced_by_the_one_that_is_vouched_for(stores):
    home, other = stores
    directory = other.ledger.runs()[0]["directory"]
    (home.home.absolute(directory)).mkdir(parents=True)
    (home.home.absolute(directory) / "gate.json").write_text("{}")
    import_runs(home, other)
    assert verify_store(home).holds
    shutil.rmtree(other.home.absolute(directory))
    with pytest.raises(BadFile, match="does not hold"):
        import_runs(home, other)


def test_the_verb_says_what_came(stores, capsys):
    home, other = stores
    assert run(other.home.root, common=Common(home=home.home.root)) == 0
    said = capsys.readouterr().out
    assert said.startswith("1 runs came, 0 were here already")
    assert run(other.home.root, ["scripted"], common=Common(home=home.home.root, json=True)) == 0
    assert json.loads(capsys.readouterr().out)["here"] == [other.ledger.runs()[0]["id"]]
