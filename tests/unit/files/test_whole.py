"""A file or directory appears under its name whole, or not at all."""

import errno
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from suture.core.errors import BadFile, DiskFull, NoPermission, UsageError
from suture.files.atomic import whole_directory, whole_file
from suture.files.small_files import copy_verified, sha256_of, write_json, write_text


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_when_it_is_finished(tmp_path):
    target = tmp_path / "new" / "file"
    with whole_file(target) as partial:
        partial.write_text("half")
        assert not target.exists()
        partial.write_text("whole")
    assert target.read_text() == "whole"
    assert names(target.parent) == ["file"]


def test_a_directory_appears_when_it_is_finished(tmp_path):
    target = tmp_path / "folder"
    with whole_directory(target) as partial:
        (partial / "deep").mkdir(parents=True)
        (partial / "deep" / "file").write_text("x")
        assert not target.exists()
    assert (target / "deep" / "file").read_text() == "x"
    assert names(tmp_path) == ["folder"]


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("kind", ["file", "directory"])
def test_a_failure_leaves_nothing(tmp_path, kind, failure):
    def write_half():
        whole = whole_file if kind == "file" else whole_directory
        with whole(tmp_path / "target") as partial:
            (partial if kind == "file" else partial / "file").write_text("half")
            raise failure

    with pytest.raises(failure):
        write_half()
    assert names(tmp_path) == []


def test_a_failure_leaves_the_old_file(tmp_path):
    target = tmp_path / "file"
    write_text(target, "old")
    with pytest.raises(RuntimeError), whole_file(target) as partial:
        partial.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert names(tmp_path) == ["file"]


def test_what_lies_beside_is_left_alone(tmp_path):
    os.mkfifo(tmp_path / "pipe")  # to open it would wait for ever
    (tmp_path / "broken link").symlink_to("nowhere")
    write_text(tmp_path / "file", "x")
    assert (tmp_path / "file").read_text() == "x"


def test_bytes_are_on_the_disk_before_the_name_is(tmp_path, monkeypatch):
    happened = []
    sync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (happened.append(Path(f"/proc/self/fd/{fd}").resolve().name), sync(fd)))
    monkeypatch.setattr(Path, "replace", lambda self, to: (happened.append("renamed"), replace(self, to)))
    write_text(tmp_path / "file", "x")
    assert happened == [f".file.partial-{os.getpid()}", "renamed", tmp_path.name]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("where", ["while writing", "while syncing"])
def test_a_full_disk_is_a_fault_that_says_so(tmp_path, monkeypatch, number, where):
    def full(*_):
        raise OSError(number, os.strerror(number))

    if where == "while writing":
        monkeypatch.setattr(Path, "write_bytes", full)
    else:
        monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull, match=r"the disk is full: .*file could not be written") as caught:
        write_text(tmp_path / "file", "x")
    assert "space" in caught.value.mend
    assert names(tmp_path) == []


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM])
def test_a_place_that_cannot_be_written_to_is_no_permission(tmp_path, monkeypatch, number):
    def refuse(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(NoPermission, match="cannot write"):
        write_text(tmp_path / "new" / "file", "x")


def test_another_error_is_not_dressed_up(tmp_path):
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "file"):
        pass  # nothing was written


def test_a_disk_that_is_really_full(tmp_path):
    mount = tmp_path / "small"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(mount)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("a file system of known size can only be made by root")
    try:
        write_text(mount / "kept", "x")
        with pytest.raises(DiskFull, match="the disk is full"):
            write_text(mount / "file", "x" * 200_000)
        assert names(mount) == ["kept"]
    finally:
        subprocess.run(["umount", str(mount)], check=True)


def test_written_text_is_hashed(tmp_path):
    assert write_text(tmp_path / "a", "é") == sha256_of(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == "é".encode()


def test_json_keeps_the_order_of_keys_and_ends_its_line(tmp_path):
    digest = write_json(tmp_path / "a.json", {"b": "é", "a": [1]})
    assert (tmp_path / "a.json").read_text() == '{\n "b": "é",\n "a": [\n  1\n ]\n}\n'
    assert digest == sha256_of(tmp_path / "a.json")


def test_a_kept_copy_is_not_the_same_file(tmp_path):
    digest = write_text(tmp_path / "a", "x")
    copy_verified(tmp_path / "a", tmp_path / "new" / "b", digest)
    (tmp_path / "a").write_text("changed since")
    assert (tmp_path / "new" / "b").read_text() == "x"


def test_a_copy_of_other_bytes_is_refused_and_nothing_kept(tmp_path):
    (tmp_path / "a").write_text("x")
    with pytest.raises(BadFile, match="was changed"):
        copy_verified(tmp_path / "a", tmp_path / "b", "0" * 64)
    assert names(tmp_path) == ["a"]


def test_wrong_bytes_under_the_kept_name_are_replaced(tmp_path):
    digest = write_text(tmp_path / "a", "x")
    (tmp_path / "b").write_text("evil")
    copy_verified(tmp_path / "a", tmp_path / "b", digest)
    assert (tmp_path / "b").read_text() == "x"


def test_a_copy_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def full(_, to):
        Path(to).write_text("half")
        raise OSError(errno.ENOSPC, "full")

    digest = write_text(tmp_path / "a", "x")
    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(DiskFull, match="the disk is full"):
        copy_verified(tmp_path / "a", tmp_path / "b", digest)
    assert names(tmp_path) == ["a"]


def test_a_directory_where_a_file_should_be_is_said_in_one_line(tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(UsageError, match="cannot write"):
        write_text(tmp_path / "out", "x")
