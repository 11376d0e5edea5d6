"""``suture verify``: what was touched is named, on stdout, and the exit code says that something was."""

import json
from contextlib import closing

import pytest

from suture.cli.main import run
from suture.files.small_files import write_text
from suture.store.home import Home
from suture.store.ledger import Ledger
from suture.store.verification import Damage


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SUTURE_HOME", str(tmp_path / "home"))
    home = Home(tmp_path / "home")
    with closing(Ledger(home.ledger)) as ledger:
        ledger.keep_files({"runs/a/gate.json": write_text(home.root / "runs/a/gate.json", "{}")})
    return home


def test_a_whole_store(home, capsys):
    assert run(["verify", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["holds"], result["records"], result["files"], result["damage"]) == (True, 1, 1, [])
    assert run(["verify", "--head", result["head"]]) == 0
    out = capsys.readouterr().out
    assert "1 records and 1 files checked, 0 touched" in out
    assert "0 decisions made again from their scoreboards, 0 differ" in out


def test_a_touched_file_is_named(home, capsys):
    (home.root / "runs/a/gate.json").write_text("[]")
    (home.root / "runs/a/new.json").write_text("")
    assert run(["verify"]) == 3
    out = capsys.readouterr().out
    assert "TOUCHED  runs/a/gate.json" in out and "  runs/a/new.json" in out


def test_a_decision_that_differs_is_named(home, capsys, monkeypatch):
    found = [Damage("run abc (quick)", "the ledger says promote")]
    monkeypatch.setattr("suture.wiring.verify.differing_decisions", lambda store, told: (3, found))
    assert run(["verify"]) == 3
    out = capsys.readouterr().out
    assert "DIFFERS  run abc (quick): the ledger says promote" in out
    assert "3 decisions made again from their scoreboards, 1 differ" in out


def test_a_head_that_never_was(home, capsys):
    assert run(["verify", "--head", "ab" * 32]) == 3
    assert "past was rewritten" in capsys.readouterr().out
