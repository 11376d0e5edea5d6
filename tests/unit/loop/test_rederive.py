"""Decisions made again from their scoreboards: all come out the same, and one that was rewritten is named."""

import json
import sqlite3
from contextlib import closing

import pytest
from fakes import FakeFoundry, FakeJudge

from suture.core.gate.gate_report import Decision, GateReport
from suture.core.plan.stages import GATE, PROMOTE, PromoteDone
from suture.files.small_files import read_model, sha256_of, write_json
from suture.loop.rederive import differing_decisions
from suture.store.finished import Finished
from suture.store.registry import Registry
from suture.store.verification import verify_store


def differing(shop):
    checked, found = differing_decisions(shop.workshop.store)
    return checked, [(difference.where.partition(" (")[0], difference.found) for difference in found]


@pytest.fixture
def rejected(shop):
    return shop.heal(FakeFoundry(knows={1, 2}, learns={5}, forgets={2}), splits=splits(shop), suites=[])


def splits(shop):
    return {"repair": [f"{shop.suite}:0-5"], "holdout": [f"{shop.suite}:6-9"]}


def test_every_decision_comes_out_as_it_was_recorded(shop, rejected):
    """Promoted, rejected, held, held by a fault, held although the gate promotes, overridden, rolled back."""
    healthy = shop.workshop.judge
    shop.judge_with(FakeJudge(faults=frozenset({"ten/9"})))
    shop.heal(FakeFoundry(knows={1}, learns={4}), name="faulty", splits=splits(shop), suites=[])
    shop.judge_with(healthy)
    shop.heal(FakeFoundry(knows={1, 2}, learns={3}), name="promoted", splits=splits(shop), suites=[])
    shop.heal(FakeFoundry(knows={1, 2}, learns={4}), name="over-another", splits=splits(shop), suites=[])
    shop.heal(FakeFoundry(knows={1, 2}, learns=set()), name="nothing", splits=splits(shop), suites=[])
    registry = Registry(shop.workshop.store)
    registry.rollback("m", why="a test")
    registry.promote("m", rejected.paths.pack, rejected.report, why="a test", override="a test")
    assert differing(shop) == (5, [])


def rewritten(shop, run, paths, *, decision):
    """As one who may write everything would do it: the report, its record and its hashes all say the same."""
    report = read_model(paths.gate, GateReport, what="gate report")
    other = report.model_copy(update={"decision": decision, "lost": (), "kept": report.protected})
    paths.gate.unlink()
    write_json(paths.gate, other.to_json())
    ledger, home = shop.workshop.store.ledger, shop.workshop.store.home
    done = ledger.result(run, GATE).model_copy(update={"decision": decision, "report": other.digest})
    files = {home.relative(paths.gate): sha256_of(paths.gate)}
    ledger.finish_stage(run, GATE, Finished(done, {}), now="2026-01-01", files=files)
    ended = Finished(PromoteDone(decision=decision, reasons=()), {})
    ledger.finish_stage(run, PROMOTE, ended, now="2026-01-01")
    return other


def test_a_decision_rewritten_with_all_its_hashes_is_named(shop, rejected):
    rewritten(shop, rejected.run, rejected.paths, decision=Decision.PROMOTE)
    assert verify_store(shop.workshop.store).holds, "no hash tells it"
    where = f"run {rejected.run}"
    assert differing(shop)[1] == [
        (
            where,
            "the ledger says promote, its scoreboards reject: 1 of 2 protected anchors lost: ten/2",
        ),
        (where, "gate.json differs from its scoreboards: decision"),
        (where, "gate.json differs from its scoreboards: kept"),
        (where, "gate.json differs from its scoreboards: lost"),
        (where, "it ended with promote, its scoreboards say reject"),
    ]


def test_a_promotion_on_a_rewritten_report_is_named(shop, rejected):
    other = rewritten(shop, rejected.run, rejected.paths, decision=Decision.PROMOTE)
    Registry(shop.workshop.store).promote("m", rejected.paths.pack, other, why="a test")
    kept = shop.workshop.store.home.gate_report(other.digest)
    kept.write_text(json.dumps(rejected.report.to_json()))
    assert ("registry event 2", f"gates/{kept.name} is not the gate report it names") in differing(shop)[1]


def test_an_event_without_a_reason_for_its_rejected_pack_is_named(shop, rejected):
    ledger = shop.workshop.store.ledger
    event = Registry(shop.workshop.store).promote(
        "m", rejected.paths.pack, rejected.report, why="a test", override="a test"
    )
    ledger.add_event(event.model_copy(update={"override": None}), over=event.pack)
    ledger.add_event(event.model_copy(update={"pack": "0" * 64}), over=event.pack)
    assert differing(shop)[1] == [
        ("registry event 3", "it promotes without a reason what the gate said to reject"),
        ("registry event 4", f"its gate report is of another pack ({event.pack[:12]})"),
    ]


def test_scoreboards_that_are_gone_or_others_are_said(shop, rejected):
    rejected.paths.baseline.write_bytes(rejected.paths.candidate.read_bytes())
    ((_, found),) = differing(shop)[1]
    assert found == "its decision cannot be made again: the scoreboards there are not those it was made on"
    rejected.paths.baseline.unlink()
    assert "no scoreboard here" in differing(shop)[1][0][1]


def test_the_look_is_that_of_its_time(shop, rejected):
    """Later looks at the same tasks cost more, and change nothing of an earlier decision."""
    for learned in (3, 4):
        shop.heal(FakeFoundry(knows={1, 2}, learns={learned}), name=f"n{learned}", splits=splits(shop), suites=[])
    with closing(sqlite3.connect(shop.workshop.store.ledger.path)) as db:
        assert db.execute("SELECT COUNT(*) FROM trials").fetchone() == (3,)
    assert differing(shop) == (3, [])
