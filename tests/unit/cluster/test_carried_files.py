"""Packs travel as files: found by their bytes, whole or not at all, and checked where they arrive."""

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from suture.cluster import carried_files
from suture.cluster.carried_files import ARRIVING, Carried, CarriedFile, FileCache, carried
from suture.core.errors import BadFile


@pytest.fixture(params=["a file", "a directory"])
def wanted(request, tmp_path, monkeypatch):
    monkeypatch.setattr(carried_files, "CHUNK", 7)
    if request.param == "a file":
        path = tmp_path / "model.gguf"
        path.write_bytes(bytes(range(100)))
    else:
        path = tmp_path / "adapter"
        (path / "deep").mkdir(parents=True)
        (path / "one").write_bytes(b"1" * 30)
        (path / "deep" / "two").write_bytes(b"2" * 5)
    return carried(path)


def send(cache, wanted, change=lambda name, at, data: data):
    for name, at, data in wanted.chunks():
        cache.receive(wanted, name, at, change(name, at, data))
    return cache.finish(wanted)


def test_empty_files_travel_too(tmp_path):
    (tmp_path / "adapter").mkdir()
    (tmp_path / "adapter" / "weights").write_bytes(b"1")
    (tmp_path / "adapter" / ".gitkeep").touch()
    for path in (tmp_path / "adapter", tmp_path / "adapter" / ".gitkeep"):
        wanted = carried(path)
        place = send(FileCache(tmp_path / "cache", shared=False), wanted)
        assert carried(Path(place)).files == wanted.files


def lying(folder):
    """What is there, whole or not, but for the directories in which each machine receives."""
    found = list(folder.iterdir())
    inside = [path for place in found if place.name.startswith(ARRIVING) for path in place.iterdir()]
    return [path.name for path in [*found, *inside] if not path.name.startswith(ARRIVING)]


def test_what_was_sent_lies_there_and_is_found_by_its_bytes(wanted, tmp_path):
    cache = FileCache(tmp_path / "cache", shared=False)
    assert cache.find(wanted) is None
    place = send(cache, wanted)
    assert cache.find(wanted) == FileCache(tmp_path / "cache", shared=False).find(wanted) == place
    assert carried(Path(place)).files == wanted.files
    assert send(cache, wanted) == place, "a second time is no error"
    assert lying(tmp_path / "cache") == [wanted.name]


def test_a_node_that_sees_the_same_files_needs_no_copy(wanted, tmp_path):
    assert FileCache(tmp_path / "cache").find(wanted) == wanted.place


def test_a_file_of_that_name_with_other_bytes_is_not_taken(wanted, tmp_path):
    place = Path(wanted.place)
    changed = place / wanted.files[0].name if wanted.directory else place
    changed.write_bytes(b"x" * wanted.files[0].size)
    assert FileCache(tmp_path / "cache").find(wanted) is None


def test_what_arrives_changed_gets_no_name(wanted, tmp_path):
    cache = FileCache(tmp_path / "cache", shared=False)
    with pytest.raises(BadFile, match="is not"):
        send(cache, wanted, lambda name, at, data: bytes(len(data)))
    assert cache.find(wanted) is None
    assert not lying(tmp_path / "cache")
    send(cache, wanted)
    assert cache.find(wanted)


def test_a_kept_file_that_was_damaged_since_is_not_taken(wanted, tmp_path):
    place = send(FileCache(tmp_path / "cache", shared=False), wanted)
    kept = Path(place) / wanted.files[0].name if wanted.directory else Path(place)
    kept.write_bytes(b"y" * wanted.files[0].size)
    cache = FileCache(tmp_path / "cache", shared=False)
    assert cache.find(wanted) is None
    assert send(cache, wanted) == place == cache.find(wanted), "what is sent again takes its place"


def test_a_name_that_leads_elsewhere_is_refused(tmp_path):
    evil = CarriedFile(name="../evil", sha256="0" * 64, size=1)
    with pytest.raises(BadFile, match="leads out"):
        FileCache(tmp_path / "cache").receive(Carried(place="/x", directory=True, files=(evil,)), "../evil", 0, b"x")


def test_an_interrupted_transfer_leaves_nothing(wanted, tmp_path):
    cache = FileCache(tmp_path / "cache", shared=False)
    cache.receive(wanted, *next(wanted.chunks()))
    cache.discard(wanted)
    assert not lying(tmp_path / "cache")
    with pytest.raises(BadFile, match="did not arrive"):
        cache.finish(wanted)


def test_two_processes_that_receive_the_same_at_once_both_have_it(wanted, tmp_path, monkeypatch):
    one, other = FileCache(tmp_path / "cache", shared=False), FileCache(tmp_path / "cache", shared=False)
    rename, kept = Path.rename, tmp_path / "cache" / wanted.name

    def overtaken(path, target):
        if target == kept and not kept.exists():
            shutil.copytree(path, kept)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", overtaken)
    assert send(one, wanted) == other.find(wanted)
    assert lying(tmp_path / "cache") == [wanted.name]


def killed_while_it_receives(cache, wanted):
    """What a process that was killed leaves in a cache, with the number of one that is gone."""
    cache.receive(wanted, *next(wanted.chunks()))
    folder = cache._arriving[wanted.name][1]
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = folder.with_name(folder.name.rpartition("-")[0] + f"-{gone.pid}")
    folder.rename(left)
    return left


def file_of(path, data):
    path.write_bytes(data)
    return carried(path)


def test_what_a_process_that_was_killed_received_is_removed_when_anything_arrives(wanted, tmp_path):
    left = killed_while_it_receives(FileCache(tmp_path / "cache", shared=False), wanted)
    slow, under_way = file_of(tmp_path / "slow", b"slow"), FileCache(tmp_path / "cache", shared=False)
    under_way.receive(slow, "slow", 0, b"sl")
    send(FileCache(tmp_path / "cache", shared=False), file_of(tmp_path / "another", b"another"))
    assert not left.exists()
    under_way.receive(slow, "slow", 2, b"ow")
    assert under_way.finish(slow), "what a living process receives stays"


def test_what_another_machine_receives_in_a_shared_directory_stays(wanted, tmp_path, monkeypatch):
    here = socket.gethostname()
    monkeypatch.setattr(socket, "gethostname", lambda: f"not-{here}")
    there = killed_while_it_receives(FileCache(tmp_path / "cache", shared=False), wanted)
    monkeypatch.setattr(socket, "gethostname", lambda: here)
    cache = FileCache(tmp_path / "cache", shared=False)
    send(cache, file_of(tmp_path / "another", b"another"))
    send(cache, wanted)
    assert there.exists(), "its process has a number of that machine, which says nothing here"
