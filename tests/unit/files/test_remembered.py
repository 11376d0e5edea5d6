"""What is remembered of a file is what a fresh look would find, whatever was done to the file meanwhile."""

import os
import shutil

import pytest

from suture.core.errors import BadFile
from suture.files import remembered
from suture.files.gguf_header import read_header
from suture.files.remembered import Remembered
from suture.files.small_files import sha256_now, sha256_of


@pytest.fixture
def old(tmp_path, monkeypatch):
    """A file that was written long enough ago."""
    monkeypatch.setattr(remembered, "SETTLED", -1.0)
    file = tmp_path / "file"
    file.write_bytes(b"one")
    return file


@pytest.fixture
def looks():
    return []


@pytest.fixture
def once(looks):
    def look(path, file):
        looks.append(path.name)
        return file.read()

    return Remembered(look, most=2)


def test_it_is_read_once_for_as_long_as_it_is_the_same(old, once, looks):
    assert [once(old), once(old), once(old)] == [b"one"] * 3
    linked = old.with_name("link")
    linked.hardlink_to(old)  # which is a change of the file, to the kernel
    assert once(linked) == once(old) == b"one" and len(looks) == 2


def written_over(file):
    file.write_bytes(b"two")


def replaced(file):
    other = file.with_name("other")
    other.write_bytes(b"two")
    other.rename(file)


def with_its_time_put_back(file):
    before = file.stat()
    file.write_bytes(b"two")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def copied_over_with_its_times(file):
    other = file.with_name("other")
    other.write_bytes(b"two")
    shutil.copystat(file, other)
    shutil.copy2(other, file)


CHANGES = (written_over, replaced, with_its_time_put_back, copied_over_with_its_times)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_changed_in_any_way_it_is_read_again(old, once, change):
    assert once(old) == b"one"
    change(old)
    assert once(old) == b"two"
    assert sha256_of(old) == sha256_now(old)


def test_what_was_written_just_now_is_not_remembered(tmp_path, once, looks):
    file = tmp_path / "file"
    file.write_bytes(b"one")
    assert once(file) == once(file) == b"one" and len(looks) == 2


def test_what_changes_while_it_is_read_is_not_remembered(old):
    def look(path, file):
        before = file.read()
        path.write_bytes(before + b"!")
        return before

    once = Remembered(look, most=2)
    assert (once(old), once(old)) == (b"one", b"one!")


def test_only_so_many_are_kept(old, once, looks):
    others = [old.with_name(name) for name in ("a", "b")]
    for other in others:
        other.write_bytes(other.name.encode())
    for file in (old, *others, old):
        once(file)
    assert looks == ["file", "a", "b", "file"]


def test_a_removed_file_is_not_remembered(old):
    sha256_of(old)
    old.unlink()
    with pytest.raises(BadFile, match="No such file"):
        sha256_of(old)
    with pytest.raises(BadFile, match="no such GGUF file"):
        read_header(old)
