"""No two judges run programs as the same user, in one process or in two."""

import contextlib
import os
import subprocess
import sys

import pytest

from suture.core.errors import MissingTool
from suture.judge import users
from suture.judge.users import Users

ELSEWHERE = """
import sys
from suture.judge import users
users._FIRST, users._COUNT = {first}, {count}
print(*users.Users({wanted}).numbers, flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    monkeypatch.setattr(users, "_FIRST", 7_000_000)
    monkeypatch.setattr(users, "_COUNT", 8)


def elsewhere(wanted):
    script = ELSEWHERE.format(first=users._FIRST, count=users._COUNT, wanted=wanted)
    return subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_claims_never_overlap_and_end_with_their_holder():
    here = Users(3)
    with elsewhere(4) as other:
        there = [int(word) for word in other.stdout.readline().split()]
        assert len({*here.numbers, *there}) == 7
        with pytest.raises(MissingTool, match="fewer are free"):
            Users(2)
        last = Users(1)
        assert last.numbers[0] not in {*here.numbers, *there}
        other.stdin.close()
    again = Users(4)
    assert sorted(again.numbers) == sorted(there)
    for held in (here, last, again):
        held.release()
    everyone = Users(8)
    assert len(set(everyone.numbers)) == 8
    everyone.release()


def claimed_by(process):
    return [int(word) for word in process.stdout.readline().split()]


def test_processes_that_claim_at_the_same_time_share_no_user():
    with contextlib.ExitStack() as stack:
        others = [stack.enter_context(elsewhere(2)) for _ in range(4)]
        claimed = [number for other in others for number in claimed_by(other)]
        assert sorted(claimed) == list(range(users._FIRST, users._FIRST + 8))
        for other in others:
            other.stdin.close()


SLEEPER = "import subprocess; print(subprocess.Popen(['sleep', '600'], stdout=subprocess.DEVNULL).pid, flush=True)"
OUTLIVED = ELSEWHERE.replace("sys.stdin.read()", f"{SLEEPER}; sys.stdin.read()")


def test_a_killed_holder_leaves_nothing_claimed_though_what_it_started_lives_on():
    script = OUTLIVED.format(first=users._FIRST, count=users._COUNT, wanted=8)
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as held:
        assert len(claimed_by(held)) == 8
        (left,) = claimed_by(held)
        with pytest.raises(MissingTool, match="fewer are free"):
            Users(1)
        held.kill()
        held.wait()
        try:
            everyone = Users(8)
        finally:
            os.kill(left, 9)
    assert len(everyone.numbers) == 8
    everyone.release()


def test_a_refused_claim_holds_nothing():
    with pytest.raises(MissingTool, match="fewer are free"):
        Users(9)
    everyone = Users(8)
    everyone.release()
