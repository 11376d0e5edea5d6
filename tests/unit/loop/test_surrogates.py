"""A model that answers with half a character: measured, harvested, trained on, reported, resumed like any other."""

import pytest
from fakes import FakeFoundry, Model, StopsAfter

from suture.core.gate.gate_report import Decision
from suture.core.measure.scoreboard import Scoreboard
from suture.files.small_files import read_model
from suture.loop.workshop import Silent
from suture.report.build import build_report
from suture.report.files import write_report
from suture.store.datasets import read_dataset
from suture.store.run_paths import RunPaths


@pytest.fixture(autouse=True)
def half_a_character(monkeypatch):
    say = Model._say
    monkeypatch.setattr(Model, "_say", lambda self, prompt: f"# half: \ud835, whole: \ud83d\ude00\n{say(self, prompt)}")


def repair():
    return FakeFoundry(knows={1, 2}, learns={5})


def test_the_whole_loop(shop):
    healed = shop.heal(repair())
    assert healed.decision is Decision.PROMOTE
    board = read_model(healed.paths.baseline, Scoreboard, what="scoreboard")
    assert all("half: \ud835, whole: 😀" in result.text for result in board.results)
    rows = read_dataset(healed.paths.dataset).rows
    assert all("\ud835" in row.answer for row in rows)


def test_it_goes_on_where_it_was_stopped(shop, other_shop):
    shop.workshop.progress = StopsAfter(12)
    with pytest.raises(KeyboardInterrupt):
        shop.heal(repair())
    shop.workshop.progress = Silent()
    asked_again, untouched = shop.heal(repair()), other_shop.heal(repair())
    assert asked_again.report.digest == untouched.report.digest
    assert asked_again.paths.rows.read_bytes() == untouched.paths.rows.read_bytes()


def test_it_is_reported(shop):
    run = shop.healing(repair())
    healed = run.heal()
    report = build_report(shop.workshop.store, run.plan.run_id, command="suture heal")
    write_report(healed.paths.root, report)
    paths = RunPaths(healed.paths.root)
    assert r"# half: \ud835, whole: 😀" in paths.report_markdown.read_text("utf-8")
    assert r"# half: \ud835, whole: 😀" in paths.report_json.read_text("utf-8")
