"""No two judges run programs as the same user, in one process or in two."""

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
