"""The numbers of docs/gate.md, and the command of the workflow beside it."""

import json
import os
import shlex
import shutil
import subprocess
from math import log, sqrt
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from suture.cli.main import run
from suture.core.gate.looks import price
from suture.core.gate.repeats import Noise, noise_risk, repeats_for
from suture.core.gate.rules import GateRules
from suture.core.gate.statistics import lower_bound, mcnemar, net_loss_bound, trials_needed, upper_bound

ROOT = Path(__file__).parents[2]
TEXT = " ".join((ROOT / "docs" / "gate.md").read_text().split())
WORKFLOW = ROOT / "docs" / "examples" / "certify.yml"
RULES = GateRules()


def test_noise():
    f = (1 - sqrt(1 - 2 * 3 / 300)) / 2
    wrong = 3 * f**2 - 2 * f**3
    assert Noise(flips=3, pairs=300).rate == pytest.approx(f)
    assert noise_risk(Noise(flips=3, pairs=300), 300, 3) == pytest.approx(300 * wrong)
    assert [repeats_for(Noise(flips=flips, pairs=300), 300, RULES) for flips in (3, 6)] == [3, 5]
    more = noise_risk(Noise(flips=6, pairs=300), 300, 3)
    assert f"f = {f:.3%}, 2 of 3 go wrong at {wrong:.5%}, times 300: {300 * wrong:.1%}" in TEXT
    assert f"it would be {more:.1%}: five" in TEXT


def test_what_a_sample_of_repeats_would_not_see():
    few, all_of_them = ((1 - 0.01) ** anchors for anchors in (64, 300))
    assert f"show none of it with a chance of {few:.1%}, all 300 with {all_of_them:.1%};" in TEXT


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
    assert f"1 - 0.0125^(1/41) = **{few:.1%}**. Lower bound of 2 in 41: {gain:.1%}" in TEXT
    assert f"at most **{net_loss_bound(0, 2, 41, alpha):.1%}**" in TEXT
    assert f"takes {trials_needed(RULES.holdout_margin, 1 - alpha / 2)} held-out tasks" in TEXT
    assert f"the bound would be {net_loss_bound(1, 0, 41, alpha):.1%}" in TEXT
    assert (mcnemar(5, 0), mcnemar(6, 0), mcnemar(2, 0)) == (1 / 32, 1 / 64, 1 / 4)


def test_the_table_is_what_the_calibration_found():
    cells = json.loads((ROOT / "docs" / "evidence" / "gate-calibration.json").read_text())["cells"]
    assert len(cells) == 60
    for cell in cells:
        assert f"| {cell['truth']} | {cell['n']} | {cell['flip']:.0%} | " in TEXT
        assert f"**{cell['wrong']:.2%}** | {cell['promised']:.1%} |" in TEXT


STEPS = {
    step["name"]: step["run"]
    for step in YAML(typ="safe").load(WORKFLOW.read_text())["jobs"]["gate"]["steps"]
    if "name" in step
}
"""What the workflow runs, by the names of its steps."""


class Checkout:
    """A pull request's, with lm-eval's results of both sides; letters say which tasks passed."""

    def __init__(self, origin, path, after):
        self.path = path
        self.environment = {
            **{f"GIT_{who}_{what}": "gate" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
            **dict.fromkeys(("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"), os.devnull),
            "PATH": os.environ["PATH"],
            "GITHUB_RUN_ID": "1",
        }
        subprocess.run(["git", "clone", "-q", origin, path], check=True, env=self.environment)
        (path / "results").mkdir()
        for name, letters in (("baseline", "p" * 100 + "f" * 100), ("candidate", after)):
            rows = [
                {"doc_id": i, "metrics": ["acc"], "acc": float(letter == "p"), "doc_hash": str(i)}
                for i, letter in enumerate(letters)
            ]
            (path / "results" / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    def step(self, name):
        command = ["bash", "-e", "-c", STEPS[name]]
        return subprocess.run(command, cwd=self.path, env=self.environment, check=False).returncode

    def gate(self):
        program, *arguments = shlex.split(STEPS["gate"])
        assert program == "suture"
        return run([*arguments, "--home", ".suture", "--json"])


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_workflow_gates_and_counts_every_release(tmp_path, monkeypatch, capsys):
    origin = tmp_path / "origin.git"
    subprocess.run(["git", "init", "-q", "--bare", origin], check=True)
    better, worse = "p" * 100 + "f" * 100, "f" * 30 + "p" * 70 + "f" * 100
    found = []
    for number, (after, code) in enumerate([(worse, 1), (better, 0), (worse, 1)], start=1):
        checkout = Checkout(origin, tmp_path / f"pull-{number}", after)
        monkeypatch.chdir(checkout.path)
        assert checkout.step("looks so far") == 0
        assert checkout.gate() == code
        found.append(json.loads(capsys.readouterr().out)["look"])
        assert (checkout.path / "gate.md").exists()
        if number == 2:
            late = Checkout(origin, tmp_path / "late", "p" * 101 + "f" * 99)
            assert late.step("looks so far") == 0
        assert checkout.step("keep the look") == 0
    assert [look["number"] for look in found] == [1, 2, 1]  # the third shows what the first did: the same look
    monkeypatch.chdir(late.path)
    late.gate()
    assert late.step("keep the look") != 0, "another look was counted meanwhile"
