"""The numbers of docs/gate.md, and the command of the workflow beside it."""

import json
import shlex
from math import log, sqrt
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from suture.cli.main import run
from suture.core.gate_rules import GateRules
from suture.core.looks import price
from suture.core.repeats import Noise, noise_risk, repeats_for
from suture.core.statistics import lower_bound, mcnemar, net_loss_bound, trials_needed, upper_bound

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "gate.md").read_text()
WORKFLOW = ROOT / "docs" / "examples" / "gate.yml"
RULES = GateRules()


def test_noise():
    f = (1 - sqrt(1 - 2 * 3 / 300)) / 2
    wrong = 3 * f**2 - 2 * f**3
    assert Noise(flips=3, pairs=300).rate == pytest.approx(f)
    assert noise_risk(Noise(flips=3, pairs=300), 300, 3) == pytest.approx(300 * wrong)
    assert [repeats_for(Noise(flips=flips, pairs=300), 300, RULES) for flips in (3, 6)] == [3, 5]
    more = noise_risk(Noise(flips=6, pairs=300), 300, 3)
    assert f"f = {f:.3%}, 2 of 3 go wrong at {wrong:.5%}, times 300: {300 * wrong:.1%}" in TEXT
    assert f"it would be {more:.1%}: five" in " ".join(TEXT.split())


def test_anchors():
    root = 0.05 ** (1 / 19)
    assert upper_bound(0, 19, RULES.confidence) == pytest.approx(1 - root)
    assert f"n = 19: 0.05^(1/19) = {root:.4f}, bound **{1 - root:.1%}**" in TEXT
    assert 58 < log(0.05) / log(0.95) < 59
    assert trials_needed(RULES.margin, RULES.confidence) == 59


def test_looks():
    spent = ", ".join(f"{price(RULES.alpha, k):.2%}".replace("2.50%", "2.5%") for k in (1, 2, 3))
    assert f"{spent}, ... of 5%" in TEXT


def test_held_out_tasks():
    alpha = price(RULES.alpha, 1)
    few = 1 - 0.0125 ** (1 / 41)
    assert net_loss_bound(0, 0, 41, alpha) == pytest.approx(few)
    gain = lower_bound(2, 41, 1 - alpha / 2)
    words = " ".join(TEXT.split())
    assert f"1 - 0.0125^(1/41) = **{few:.1%}**. Lower bound of 2 in 41: {gain:.1%}" in words
    assert f"at most **{net_loss_bound(0, 2, 41, alpha):.1%}**" in words
    assert f"takes {trials_needed(RULES.holdout_margin, 1 - alpha / 2)} held-out tasks" in words
    assert f"the bound would be {net_loss_bound(1, 0, 41, alpha):.1%}" in words
    assert (mcnemar(5, 0), mcnemar(6, 0), mcnemar(2, 0)) == (1 / 32, 1 / 64, 1 / 4)


def test_the_table_is_what_the_calibration_found():
    cells = json.loads((ROOT / "docs" / "evidence" / "gate-calibration.json").read_text())["cells"]
    assert len(cells) == 60
    for cell in cells:
        assert f"| {cell['truth']} | {cell['n']} | {cell['flip']:.0%} | " in TEXT
        assert f"**{cell['wrong']:.2%}** | {cell['promised']:.1%} |" in TEXT


@pytest.mark.parametrize(("after", "code"), [("p" * 100 + "f" * 100, 0), ("f" * 30 + "p" * 70 + "f" * 100, 1)])
def test_the_workflow_gates(tmp_path, monkeypatch, capsys, after, code):
    steps = YAML(typ="safe").load(WORKFLOW.read_text())["jobs"]["gate"]["steps"]
    (command,) = [step["run"] for step in steps if step.get("name") == "gate"]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").mkdir()
    for name, letters in (("baseline", "p" * 100 + "f" * 100), ("candidate", after)):
        rows = [
            {"doc_id": i, "metrics": ["acc"], "acc": float(letter == "p"), "doc_hash": str(i)}
            for i, letter in enumerate(letters)
        ]
        (tmp_path / "results" / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    program, *arguments = shlex.split(command)
    assert program == "suture"
    assert run(arguments) == code
    assert capsys.readouterr().out
    assert (tmp_path / "gate.md").exists()
