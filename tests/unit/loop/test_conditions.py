"""A whole repair, through its command, on a disk that is full, in a store that is read-only, by a clock that jumps."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

import pytest
from fakes import FakeFoundry
from kills import files_under
from scripted_cli import prepare, said, scripts

from suture.judge.opening import _bubblewrap
from suture.store import clock
from suture.store.verification import verify_store

SUPPORT = Path(__file__).parents[2] / "support"
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(SUPPORT), *sys.path])}
READING = "from suture.cli.main import run; print(); print([run(verb) for verb in {}])"


@pytest.fixture
def mounted(tmp_path):
    """Runs a program with something mounted for it alone; skips where no one may."""

    def mounted(*mount, program):
        command = [_bubblewrap(), "--dev-bind", "/", "/", *map(str, mount)]
        if subprocess.run([*command, "true"], check=False, capture_output=True).returncode:
            pytest.skip("bubblewrap cannot mount here")
        command += [sys.executable, *map(str, program)]
        done = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    return mounted


@pytest.mark.sandbox
def test_a_full_disk_stops_it_in_one_line_and_it_goes_on_when_there_is_room(mounted, tmp_path):
    (disk := tmp_path / "disk").mkdir()
    done = mounted("--size", 4_000_000, "--tmpfs", disk, program=[SUPPORT / "full_disk.py", disk])
    log = json.loads(done.stdout)
    assert log["problems"] == []
    assert log["same"]
    assert log["stopped"] > 8


@pytest.mark.sandbox
def test_a_read_only_store_is_said_before_any_work(mounted, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    prepare(tmp_path, "first", "second")
    with scripts(FakeFoundry(knows={1, 2}, learns={5})):
        assert said(["heal", "first.yaml"])[0] == 0
    home = tmp_path / "home"
    before = files_under(home)
    program = [SUPPORT / "scripted_cli.py", "--log", "asked.txt", "--", "heal", "second.yaml", "--json"]
    done = mounted("--ro-bind", home, home, program=program)
    assert done.returncode == 6
    assert done.stderr.count("suture: ") == 1
    assert f"suture: cannot write to {home}/ledger.db: the store is read-only" in done.stderr
    assert "  mend: mend its permissions, or name a store that can be written to: --home DIR" in done.stderr
    assert json.loads(done.stdout)["error"]["exit_code"] == 6
    assert not (tmp_path / "asked.txt").exists(), "no model was asked for nothing"
    assert files_under(home) == before
    reading = [[*verb.split(), "--home", str(home)] for verb in ("verify", "report", "registry list", "gc")]
    done = mounted("--ro-bind", home, home, program=["-c", READING.format(reading)])
    assert done.stdout.splitlines()[-1] == "[0, 0, 0, 0]"


class Jumping(datetime):
    """A clock that is anywhere between 1970 and 2106 each time somebody looks."""

    @classmethod
    def now(cls, tz=None):
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=Jumping.random.randrange(1 << 32))


def test_a_clock_that_jumps_changes_nothing_but_the_times(shop, other_shop, monkeypatch):
    def repairs(shop):
        return [
            shop.heal(FakeFoundry(knows={1, 2}, learns={5}), splits=splits(shop), suites=[]),
            shop.heal(
                FakeFoundry(knows={1, 2, 5}, learns={3}),
                name="second",
                base="champion",
                splits=splits(shop),
                suites=[],
            ),
        ]

    def splits(shop):
        return {"repair": [f"{shop.suite}:0-5"], "holdout": [f"{shop.suite}:6-9"]}

    calm = repairs(other_shop)
    Jumping.random = Random(3)
    monkeypatch.setattr(clock, "datetime", Jumping)
    monkeypatch.setattr("time.time", count(2e9, -1e6).__next__)
    jumped = repairs(shop)
    assert [(h.decision, h.report) for h in jumped] == [(h.decision, h.report) for h in calm]
    ledger = shop.workshop.store.ledger
    times = [event.at for event in ledger.events()]
    assert times != sorted(times)
    assert [e.pack for e in ledger.events()] == [e.pack for e in other_shop.workshop.store.ledger.events()]
    assert [h.report.look.number for h in jumped] == [1, 2]
    assert verify_store(shop.workshop.store).holds
