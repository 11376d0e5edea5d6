"""Locks of a store part processes and threads, and are given back by whoever dies."""

import errno
import os
import signal
import subprocess
import sys
import threading

import pytest

from suture.core.errors import Fault
from suture.store.locks import Locks

HOLDS = """
import sys, time
from pathlib import Path
from suture.store.locks import Locks
with Locks(Path(sys.argv[1])).hold(sys.argv[2], shared=sys.argv[3] == "shared") as held:
    print(held, flush=True)
    time.sleep(600)
"""


def holder(file, name, how="alone"):
    process = subprocess.Popen([sys.executable, "-c", HOLDS, file, name, how], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "True\n"
    return process


def free(file, name, **how):
    with Locks(file).hold(name, wait=False, **how) as held:
        return held


def end(process):
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_one_process_at_a_time_and_what_dies_lets_go(tmp_path):
    file = tmp_path / "locks"
    process = holder(file, "a")
    assert not free(file, "a")
    assert free(file, "b"), "another name is another lock"
    end(process)
    assert free(file, "a")


def test_many_share_what_nobody_holds_alone(tmp_path):
    file = tmp_path / "locks"
    process = holder(file, "a", "shared")
    assert free(file, "a", shared=True)
    assert not free(file, "a")
    end(process)


def test_letting_one_go_frees_no_other_of_this_process(tmp_path):
    file = tmp_path / "locks"
    with Locks(file).hold("a"):
        with Locks(file).hold("b"):
            pass
        assert not free(file, "a")


def test_threads_are_parted_too(tmp_path):
    file, order = tmp_path / "locks", []

    def work():
        with Locks(file).hold("a"):
            order.append("thread")

    with Locks(file).hold("a"):
        thread = threading.Thread(target=work)
        thread.start()
        order.append("first")
    thread.join()
    assert order == ["first", "thread"]


def test_on_ground_that_cannot_be_written_to_nothing_has_to_be_held(tmp_path):
    assert free(tmp_path / "nowhere" / "locks", "a")


def test_a_lock_that_cannot_be_opened_is_no_lock_that_is_held(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("suture.store.locks.os.open", full)
    with pytest.raises(Fault, match="Too many open files"), Locks(tmp_path / "locks").hold("a"):
        pass


def test_where_nothing_can_be_written_a_lock_counts_as_held(tmp_path, monkeypatch):
    def refused(*_):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("suture.store.locks.os.open", refused)
    with Locks(tmp_path / "locks").hold("a") as held:
        assert held


FORKS = """
import os, sys, time
from pathlib import Path
from suture.store.locks import Locks
with Locks(Path(sys.argv[1])).hold("a"):
    if os.fork() == 0:
        time.sleep(600)
print("let go", flush=True)
time.sleep(600)
"""


def test_a_child_that_was_forked_meanwhile_does_not_keep_it(tmp_path):
    file = tmp_path / "locks"
    process = subprocess.Popen([sys.executable, "-c", FORKS, file], stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout.readline() == b"let go\n"
    assert free(file, "a")
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
