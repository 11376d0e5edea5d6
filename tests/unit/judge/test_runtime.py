"""What a sandbox sees of the machine."""

import importlib.util
import shutil
import sys
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


@pytest.mark.skipif(shutil.which("ldd") is None, reason="no ldd here")
def test_one_process_lists_the_libraries_that_ldd_lists(monkeypatch):
    fast = runtime.find_runtime(for_uid=None)
    monkeypatch.setattr(runtime, "_traced", lambda *_: set())
    assert runtime.find_runtime(for_uid=None) == fast


def test_names_that_the_loader_would_split_are_listed_by_ldd():
    python = Path(sys.executable)
    assert runtime._traced(python, ["/a place/b.so"], {}) == runtime._traced(python, ["/a:place/b.so"], {}) == set()


def test_a_sandbox_survives_its_json():
    box = Sandbox("L3", runtime.find_runtime(for_uid=None), uid=5)
    assert Sandbox.from_json(box.to_json()) == box


def test_no_device_but_those_without_a_state_is_bound():
    line = command(Sandbox("L3", runtime.find_runtime(for_uid=None)))
    bound = [line[at + 1] for at, word in enumerate(line) if word == "--dev-bind"]
    assert sorted(bound) == ["/dev/null", "/dev/random", "/dev/urandom", "/dev/zero"]


def test_installed_packages_are_neither_readable_nor_seen():
    found = runtime.find_runtime(for_uid=None)
    names = {Path(path).name for path in found.readable}
    assert "json" in names
    assert not names & set(runtime._PACKAGES)
    line = command(Sandbox("L3", found))
    covered = [line[at + 1] for at, word in enumerate(line) if word == "--tmpfs"]
    assert covered == list(found.hidden)


def test_a_copy_is_made_once_for_the_same_sources_and_readable_by_all(monkeypatch, tmp_path):
    monkeypatch.setattr(runtime, "_CACHE", tmp_path / "cache")
    source = tmp_path / "source"
    source.write_text("one")
    made = []

    def copy(home):
        made.append(home)
        (home / "below").mkdir(mode=0o700)
        (home / "below" / "file").write_text(source.read_text())
        (home / "below" / "file").chmod(0o600)

    first = runtime._staged("thing", [source], copy)
    assert runtime._staged("thing", [source], copy) == first
    assert len(made) == 1
    assert (first / "below" / "file").stat().st_mode & 0o444 == 0o444
    assert (first / "below").stat().st_mode & 0o555 == 0o555
    source.write_text("another")
    assert runtime._staged("thing", [source], copy) != first
    assert runtime._staged("thing", [source], copy, without="*.pyc") not in made
    assert len(made) == 3


def test_a_copy_that_fails_leaves_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(runtime, "_CACHE", tmp_path)
    source = tmp_path / "source"
    source.write_text("one")

    def copy(home):
        (home / "half").write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        runtime._staged("thing", [source], copy)
    assert list(tmp_path.iterdir()) == [source]


def test_what_others_may_not_enter_they_may_not_read(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir()
    inside = closed / "file"
    inside.touch(mode=0o644)
    closed.chmod(0o700)
    assert not runtime._everyone_may_read(inside)
    assert runtime._everyone_may_read(Path("/usr"))


def test_a_staged_copy_of_the_zones_is_whole(monkeypatch, tmp_path):
    pytest.importorskip("tzdata")
    monkeypatch.setattr(runtime, "_CACHE", tmp_path)
    zones = Path(runtime._zones_of_package(staged=True))
    assert zones.is_relative_to(tmp_path)
    assert (zones / "Pacific" / "Auckland").read_bytes().startswith(b"TZif")
