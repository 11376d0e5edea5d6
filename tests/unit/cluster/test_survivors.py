"""What tests of a cluster call a survivor: a judge or a part of a node that this process started, and no other."""

import subprocess
import sys
from contextlib import contextmanager

import pytest

pytest.importorskip("resource")
from ray_cluster import mark, survivors

SLEEPER = "import os, sys, time; print(os.fork() and os._exit(0) or os.getpid(), flush=True); time.sleep(60)"


@contextmanager
def orphan(words):
    """A process in a session of its own, whose parent has ended; ``words`` are in its command line."""
    started = subprocess.Popen(
        [sys.executable, "-c", SLEEPER, words], stdout=subprocess.PIPE, text=True, env={}, start_new_session=True
    )
    pid = int(started.stdout.readline())
    started.wait()
    try:
        yield pid
    finally:
        subprocess.run(["kill", "-9", str(pid)], check=True)
        started.stdout.close()


@pytest.mark.parametrize("words", ["-m suture.judge.referee", "from confined.worker import main", "ray::_Hosted"])
def test_what_outlived_its_parent_is_one(words):
    with mark(), orphan(words) as pid:
        (left,) = survivors(patience=0)
        assert left.startswith(f"{pid} ")


def test_what_another_process_started_and_what_does_no_work_is_none():
    with orphan("-m suture.judge.referee"), mark(), orphan("something else"):
        assert survivors(patience=0) == []


def test_without_a_mark_nothing_can_be_said():
    with pytest.raises(AssertionError, match="no mark"):
        survivors(patience=0)
