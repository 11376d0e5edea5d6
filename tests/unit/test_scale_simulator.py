"""The simulator of benchmarks/scale_simulator.py: what must hold of any plan it makes."""

import importlib.util
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
_spec = importlib.util.spec_from_file_location("scale_simulator", BENCHMARKS / "scale_simulator.py")
simulator = importlib.util.module_from_spec(_spec)
sys.modules["scale_simulator"] = simulator
_spec.loader.exec_module(simulator)

RATES = simulator.Rates(
    engines=1,
    cores=4,
    batch=32,
    task_s=0.01,
    spread=0.2,
    losses_an_hour=0.0,
    reload_s=5.0,
    dollars_an_hour=1.0,
    writer=10_000.0,
    programs_a_second_a_core=379.0,
    call_s=0.0018,
    task_driver_s=0.0001,
    start_s=0.0,
)


def seconds(machines, *, tasks=32_000, seed=0, **changes):
    return simulator.Simulation(replace(RATES, **changes), tasks, machines, seed=seed).run().seconds


def test_one_machine_takes_the_sum_of_its_batches():
    assert seconds(1) == pytest.approx(320, rel=0.03)


def test_the_same_seed_foretells_the_same():
    assert seconds(7) == seconds(7) != seconds(7, seed=1)


@pytest.mark.parametrize("machines", [2, 4, 8])
def test_machines_share_the_work_until_the_end_runs_thin(machines):
    assert 0.9 < seconds(1) / seconds(machines) / machines <= 1.02


def test_one_writer_is_the_limit_of_many_machines():
    per_task = 1 / 10_000 + 0.0001
    assert seconds(1000, tasks=320_000) == pytest.approx(320_000 * per_task, rel=0.15)


def test_losses_cost_time_and_lose_nothing():
    simulation = simulator.Simulation(replace(RATES, losses_an_hour=60.0), 32_000, 4, seed=0)
    found = simulation.run()
    assert found.lost > 0
    assert simulation.recorded == simulation.units
    assert found.seconds > seconds(4)


def test_neighbours_that_are_simulated_as_one_foretell_nearly_the_same():
    fine = simulator.Simulation(RATES, 64_000, 8, seed=0).run().seconds
    coarse = simulator.Simulation(RATES, 64_000, 8, seed=0, units=500).run().seconds
    assert coarse == pytest.approx(fine, rel=0.05)


def test_the_rates_that_are_shipped_are_read():
    said = json.loads((BENCHMARKS / "scale_rates.json").read_text())
    rows = simulator.table(said, [10_000], [1, 4], seed=0, units=1000)
    assert len(rows) == 2 * len(said["machines"])
    assert "| machine |" in simulator.as_text(rows, said)


@pytest.mark.parametrize("losses", [1.0, 20.0])
def test_a_second_copy_of_what_is_recorded_may_be_lost(losses):
    """Slow batches are asked twice; the slower one may be on its way when its machine goes."""
    for seed in range(30):
        simulation = simulator.Simulation(
            replace(RATES, task_s=0.278, spread=1.2, losses_an_hour=losses), 2_000, 4, seed=seed
        )
        simulation.run()
        assert simulation.recorded == simulation.units


@pytest.mark.parametrize(
    "option", [["--tasks", "0"], ["--machines", "0"], ["--units", "0"], ["--tasks", "-5"], ["--rates", "none.json"]]
)
def test_what_cannot_be_foretold_is_one_line(option):
    done = subprocess.run(
        [sys.executable, BENCHMARKS / "scale_simulator.py", *option], capture_output=True, text=True, check=False
    )
    assert done.returncode
    assert "Traceback" not in done.stderr
