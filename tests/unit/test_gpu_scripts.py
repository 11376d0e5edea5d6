"""The scripts that a GPU is lent for run on a CPU first, at a size that shows nothing but that they run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
pytestmark = pytest.mark.slow


def run(script, *arguments):
    command = [sys.executable, str(BENCHMARKS / script), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def test_training_of_every_sort_of_rows_is_measured_and_one_that_fails_costs_no_other(tmp_path):
    pytest.importorskip("torch")
    broken = tmp_path / "trl"  # no trl there: its case fails
    broken.mkdir()
    (broken / "trl.py").write_text("raise SystemExit(9)\n")
    out = tmp_path / "out.json"
    sizes = ("--shapes", "tiny", "--count", 12, "--length", 48, "--batch", 4, "--skipped", 1)
    found = run("training_shapes.py", *sizes, "--peak-tflops", 1, "--trl", broken, "--out", out)
    assert [(case["rows"], case["trainer"]) for case in found] == [
        ("plain", "suture"),
        ("plain", "trl"),
        ("kl", "suture"),
        ("kl, whole", "suture"),
    ]
    by_suture = [case for case in found if case["trainer"] == "suture"]
    assert all(case["tokens_per_second"] > 0 and case["peak_gib"] > 0 and case["loss"] > 0 for case in by_suture)
    assert by_suture[1]["loss"] == pytest.approx(by_suture[2]["loss"], rel=1e-5)  # in chunks or whole: one loss
    assert found[1]["failed"] == "exit code 9"
    assert json.loads(out.read_text())["cases"] == found
