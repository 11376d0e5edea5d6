"""The gate's promises against simulated decisions with a known truth; the whole table is in docs/gate.md."""

import importlib.util
from pathlib import Path

import pytest

PATH = Path(__file__).parents[3] / "benchmarks" / "gate_calibration.py"
DECISIONS = 60


@pytest.fixture(scope="module")
def calibration():
    spec = importlib.util.spec_from_file_location("gate_calibration", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_wrong_decisions_are_as_rare_as_promised(calibration):
    rows = calibration.calibrate(DECISIONS, sizes=(19, 50), flips=(0.0, 0.03))
    assert [row for row in rows if not calibration.within(row, DECISIONS)] == []


def test_without_repeats_noise_alone_rejects(calibration):
    """The simulation can tell: with one run a side the same noise breaks the promise."""
    once = calibration.GateRules(baseline_runs=1, repeats=1, max_repeats=1)
    scenario = calibration.SCENARIOS[0]
    rng = calibration.random.Random(0)
    made = [calibration.decide(scenario.truth(50, 0.03, rng), 0.03, once, rng) for _ in range(DECISIONS)]
    assert sum(scenario.wrong(report, 50, 0.03) for report in made) / DECISIONS > 0.5
