"""`suture experiment --dry-run` says what every run needs, and begins none."""

import json

import pytest

from suture.cli.main import run
from suture.core.errors import ExitCode

GRID = {
    "name": "grid",
    "recipe": {"model": "m", "base": "base.gguf"},
    "protocols": {"one": {"suites": ["humaneval:0-9"], "splits": {"repair": 0.5, "holdout": 0.5}}},
    "strategies": {
        "plain": {},
        "asked": {"harvest": {"rehearse_from": ["prompts.txt"]}},
        "wrong": {"harvest": {"rehearse_from": ["absent.txt"]}},
    },
}


@pytest.fixture
def said(tmp_path, capsys):
    (tmp_path / "prompts.txt").write_text("What is a list?\nWhat is a set?\n")
    grid = tmp_path / "grid.yaml"
    grid.write_text(json.dumps(GRID))

    def said(*more):
        code = run(["experiment", str(grid), "--dry-run", "--home", str(tmp_path / "home"), *more])
        return code, capsys.readouterr().out

    return said


def test_every_run_says_what_it_needs(said, tmp_path):
    code, text = said()
    assert code == ExitCode.USAGE
    assert "one · plain · seed 0 · size 1: not ready" in text
    assert "MISSING base: " in text
    assert "2 questions to rehearse, 0 lessons; none like a task of the recipe" in text
    assert "absent.txt" in text
    assert not (tmp_path / "home").exists()


def test_as_json_it_is_one_object_a_run(said):
    code, text = said("--only", "plain", "--json")
    assert code == ExitCode.USAGE
    ((label, found),) = json.loads(text).items()
    assert label.startswith("one · plain")
    assert {one["name"] for one in found["findings"]} >= {"base", "engine", "references"}
