"""Directories for sockets: private, and gone when their process is, however it ended."""

import fcntl
import os

import pytest

from suture.core.errors import Fault
from suture.engines import socket_directory
from suture.engines.socket_directory import LOCK, PREFIX, SocketDirectory, remove_abandoned


@pytest.fixture
def opened(tmp_path, monkeypatch):
    monkeypatch.setattr(socket_directory.tempfile, "tempdir", str(tmp_path))
    return SocketDirectory("a.sock")


def test_a_directory_in_use_is_let_be_and_a_removed_one_is_gone(opened, tmp_path):
    other = SocketDirectory("a.sock")
    assert opened.socket.parent.is_dir()
    other.remove()
    opened.remove()
    assert list(tmp_path.iterdir()) == []


def test_one_whose_process_is_gone_is_removed(opened, tmp_path):
    os.close(opened._held)  # what the kernel does at a process's end
    remove_abandoned(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_without_a_lock_or_with_another_name_is_nobodys_to_remove(tmp_path):
    new, other = tmp_path / f"{PREFIX}12345678", tmp_path / "suture-12345678"
    new.mkdir()
    other.mkdir()
    (other / LOCK).touch()
    remove_abandoned(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([new, other])


def test_a_link_leads_nowhere(tmp_path):
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / LOCK).touch()
    (tmp_path / f"{PREFIX}12345678").symlink_to(theirs)
    (linked := tmp_path / f"{PREFIX}abcdefgh").mkdir()
    (linked / LOCK).symlink_to(theirs / LOCK)
    remove_abandoned(tmp_path)
    assert (theirs / LOCK).exists()
    assert linked.exists()


def test_a_lock_that_somebody_holds_is_respected(tmp_path):
    (folder := tmp_path / f"{PREFIX}12345678").mkdir()
    with (folder / LOCK).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        remove_abandoned(tmp_path)
        assert folder.exists()
    remove_abandoned(tmp_path)
    assert not folder.exists()


def test_no_place_with_a_short_path_is_a_fault(tmp_path, monkeypatch):
    monkeypatch.setattr(socket_directory.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(socket_directory, "LONGEST_SOCKET_PATH", 10)
    with pytest.raises(Fault, match="short enough"):
        SocketDirectory("a.sock")
