"""Packs travel as files: found by their bytes, whole or not at all, and checked where they arrive."""

import pytest

from suture.cluster import carried_files
from suture.cluster.carried_files import Carried, CarriedFile, FileCache, carried
from suture.core.errors import BadFile
from suture.files.hashed_once import HashedOnce


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
    return carried(path, HashedOnce())


def send(cache, wanted, change=lambda name, at, data: data):
    for name, at, data in wanted.chunks():
        cache.receive(wanted, name, at, change(name, at, data))
    return cache.finish(wanted)


def test_what_was_sent_lies_there_and_is_found_by_its_bytes(wanted, tmp_path):
    cache = FileCache(tmp_path / "cache", shared=False)
    assert cache.find(wanted) is None
    place = send(cache, wanted)
    assert cache.find(wanted) == FileCache(tmp_path / "cache", shared=False).find(wanted) == place
    assert carried(type(tmp_path)(place), HashedOnce()).files == wanted.files
    assert send(cache, wanted) == place, "a second time is no error"
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [wanted.name]


def test_a_node_that_sees_the_same_files_needs_no_copy(wanted, tmp_path):
    assert FileCache(tmp_path / "cache").find(wanted) == wanted.place


def test_a_file_of_that_name_with_other_bytes_is_not_taken(wanted, tmp_path):
    place = type(tmp_path)(wanted.place)
    changed = place / wanted.files[0].name if wanted.directory else place
    changed.write_bytes(b"x" * wanted.files[0].size)
    assert FileCache(tmp_path / "cache").find(wanted) is None


def test_what_arrives_changed_gets_no_name(wanted, tmp_path):
    cache = FileCache(tmp_path / "cache", shared=False)
    with pytest.raises(BadFile, match="is not"):
        send(cache, wanted, lambda name, at, data: bytes(len(data)))
    assert cache.find(wanted) is None
    assert not list((tmp_path / "cache").iterdir())
    assert cache.find(wanted) is None
    send(cache, wanted)
    assert cache.find(wanted)


def test_a_kept_file_that_was_damaged_since_is_not_taken(wanted, tmp_path):
    place = send(FileCache(tmp_path / "cache", shared=False), wanted)
    kept = type(tmp_path)(place) / wanted.files[0].name if wanted.directory else type(tmp_path)(place)
    kept.write_bytes(b"y" * wanted.files[0].size)
    assert FileCache(tmp_path / "cache", shared=False).find(wanted) is None


def test_a_name_that_leads_elsewhere_is_refused(tmp_path):
    evil = CarriedFile(name="../evil", sha256="0" * 64, size=1)
    with pytest.raises(BadFile, match="leads out"):
        FileCache(tmp_path / "cache").receive(Carried(place="/x", directory=True, files=(evil,)), "../evil", 0, b"x")


def test_an_interrupted_transfer_leaves_nothing(wanted, tmp_path):
    cache = FileCache(tmp_path / "cache", shared=False)
    cache.receive(wanted, *next(wanted.chunks()))
    cache.discard(wanted)
    assert not list((tmp_path / "cache").iterdir())
    with pytest.raises(BadFile, match="did not arrive"):
        cache.finish(wanted)
