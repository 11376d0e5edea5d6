"""Law 4 against SIGKILL: killed at any point and resumed, a repair ends as if nobody had touched it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = Path(__file__).parents[2] / "support" / "kills.py"


def log_of(points, seed):
    done = subprocess.run(
        [sys.executable, KILLS, "--points", str(points), "--seed", str(seed)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("points", [12, pytest.param(200, marks=pytest.mark.slow)])
def test_killed_at_seeded_points(points):
    log = log_of(points, seed=points)
    assert (log["points tried"], log["which"]) == (points, [])
    assert log["decisions"] == ["promote", "reject"]
    assert log["of effects"] > 500
