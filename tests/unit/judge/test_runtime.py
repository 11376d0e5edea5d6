"""What a sandbox sees of the machine."""

import importlib.util
from pathlib import Path

import pytest

from suture.judge import runtime
from suture.judge.sandbox import Sandbox, command, worker_config


def test_programs_read_time_zones_where_the_machine_has_them():
    found = runtime.find_runtime(for_uid=None)
    assert ("/usr/share/zoneinfo" in found.mounts) == Path("/usr/share/zoneinfo").is_dir()
    assert not any(path.startswith(("/root", "/home")) for path in set(found.mounts) & set(runtime._DATA))


@pytest.mark.skipif(importlib.util.find_spec("tzdata") is None, reason="the package tzdata is not installed")
def test_else_the_time_zones_of_the_package(monkeypatch):
    monkeypatch.setattr(runtime, "_ZONES", "/no/such/place")
    found = runtime.find_runtime(for_uid=None)
    assert (Path(found.zones) / "Europe" / "Berlin").is_file()
    assert found.zones in found.mounts
    assert found.zones in found.readable
    assert worker_config(Sandbox("L3", found))["zones"] == found.zones


def test_a_sandbox_survives_its_json():
    box = Sandbox("L3", runtime.find_runtime(for_uid=None), uid=5)
    assert Sandbox.from_json(box.to_json()) == box


def test_no_device_but_those_without_a_state_is_bound():
    line = command(Sandbox("L3", runtime.find_runtime(for_uid=None)))
    bound = [line[at + 1] for at, word in enumerate(line) if word == "--dev-bind"]
    assert sorted(bound) == ["/dev/null", "/dev/random", "/dev/urandom", "/dev/zero"]
