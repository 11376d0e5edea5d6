"""Two ``suture heal`` on one store at once, as two processes: every answer is asked for once, and both end well."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from scripted_cli import prepare

from suture.core.model.registry_events import pack_of
from suture.store.store import open_store
from suture.store.verification import verify_store

SUPPORT = Path(__file__).parents[2] / "support"


@pytest.fixture
def start(tmp_path):
    """Begins a repair whose first answer waits for the file ``go``; returns once it is at its bench."""
    prepare(tmp_path, "first", "second")
    started: list[subprocess.Popen] = []

    def start(name, learns):
        options = ["--learns", str(learns), "--log", f"{name}.txt", "--wait", "go"]
        process = subprocess.Popen(
            [sys.executable, SUPPORT / "scripted_cli.py", *options, "--", "heal", f"{name}.yaml", "--json"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(SUPPORT), *sys.path])},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        for line in process.stderr:
            if line.startswith("bench ..."):
                break
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def end(process):
    out, err = process.communicate()
    return process.returncode, json.loads(out), err


def test_two_repairs_of_one_base_ask_it_once(start, tmp_path):
    one, other = start("first", 5), start("second", 6)
    (tmp_path / "go").touch()
    (code, first, said), (other_code, second, other_said) = end(one), end(other)
    assert sorted([code, other_code]) == [0, 3], f"the later one finds another champion: {said} {other_said}"
    assert {first["gate"]["decision"], second["gate"]["decision"]} == {"promote"}
    assert first["gate"]["baseline"] == second["gate"]["baseline"]
    asked = [line for name in ("first", "second") for line in (tmp_path / f"{name}.txt").read_text().splitlines()]
    with open_store(tmp_path / "home") as store:
        recorded = store.ledger._db.execute("SELECT record FROM attempts").fetchall()
        promoted = next(report for report in (first, second) if report["decision"] == "promote")
        assert pack_of(store.ledger.events(), "m") == promoted["gate"]["candidate_pack"]
        verified = verify_store(store)
    assert len(asked) == len(recorded), "no answer was thrown away because the other process had it already"
    assert (verified.damage, verified.unvouched) == ([], [])


def test_a_second_process_at_the_same_run_is_refused(start, tmp_path):
    one = start("first", 5)
    options = ["--learns", "5", "--log", "other.txt", "--", "heal", "first.yaml"]
    refused = subprocess.run(
        [sys.executable, SUPPORT / "scripted_cli.py", *options],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(SUPPORT), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 2
    assert "suture: another process is at this run" in refused.stderr
    assert not (tmp_path / "other.txt").exists()
    (tmp_path / "go").touch()
    assert end(one)[0] == 0
