"""How the judge treats faults, limits and repeats, with lanes that are told what to answer."""

import os

import pytest
from tasks import python_task

from suture.core.measure.checks.python import Assertions, Limits
from suture.core.measure.verdict import IsolationLevel, JudgeIdentity
from suture.judge import local
from suture.judge.lane import LaneDied
from suture.judge.sandbox import Runtime, Sandbox

SANDBOX = Sandbox("L0", Runtime("python", (), (), (), "", ""))
IDENTITY = JudgeIdentity(version="test", level=IsolationLevel.L0)
TASK = python_task(
    id="t",
    suite="s",
    messages=(),
    entry_point="f",
    tests=Assertions(statements=("assert f()",)),
    reference="the reference",
    limits=Limits(cpu_s=1),
)
PASS = {"failure": None, "cpu_s": 0.1, "own_cpu_s": 0.0}
CPU = {"failure": ["cpu", "slow"], "cpu_s": 1.0, "own_cpu_s": 0.0}


class FakeLane:
    """Answers at once with what ``answers`` says of the program and its CPU limit."""

    answers = None
    begun = None

    def __init__(self, sandbox):
        self.read, self.write = os.pipe()

    def begin(self, job):
        self.job = job
        FakeLane.begun.append((job["program"], job["cpu_s"]))
        os.write(self.write, b"x")

    def receive(self):
        os.read(self.read, 1)
        answer = FakeLane.answers(self.job)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def fileno(self):
        return self.read

    def used_s(self):
        return 0.0

    def waited_s(self):
        return 0.0

    def close(self):
        os.close(self.read)
        os.close(self.write)


@pytest.fixture
def judge(monkeypatch):
    monkeypatch.setattr(local, "Lane", FakeLane)
    FakeLane.begun = []
    with local.LocalJudge([SANDBOX, SANDBOX], IDENTITY) as judge:
        yield judge


def keys(judge, *programs):
    return [verdict.key for _, verdict in sorted(judge.judge([(TASK, program) for program in programs]))]


def test_each_submission_is_judged_once(judge):
    FakeLane.answers = lambda job: PASS
    found = [index for index, _ in judge.judge([(TASK, str(n)) for n in range(7)])]
    assert sorted(found) == list(range(7))


def test_a_verdict_is_remembered(judge):
    FakeLane.answers = lambda job: PASS
    assert keys(judge, "a") == keys(judge, "a") == ["pass"]
    assert len(FakeLane.begun) == 1


def test_a_fault_is_retried_and_then_reported_but_not_remembered(judge):
    FakeLane.answers = lambda job: LaneDied("gone")
    assert keys(judge, "a") == ["fault:fault"]
    assert len(FakeLane.begun) == 3
    FakeLane.answers = lambda job: PASS
    assert keys(judge, "a") == ["pass"]


def test_a_fault_that_goes_away_leaves_no_trace(judge):
    answers = [LaneDied("gone"), PASS]
    FakeLane.answers = lambda job: answers.pop(0)
    assert keys(judge, "a") == ["pass"]


def test_out_of_cpu_time_is_compared_with_the_reference(judge):
    def answer(job):
        if job["program"] == "the reference":
            return {**PASS, "cpu_s": 0.9}
        return PASS if job["cpu_s"] > 4 else CPU

    FakeLane.answers = answer
    assert keys(judge, "slow but fair") == ["pass"]
    assert [program for program, _ in FakeLane.begun] == ["slow but fair", "the reference", "slow but fair"]


def test_a_quick_reference_lets_the_verdict_stand(judge):
    FakeLane.answers = lambda job: PASS if job["program"] == "the reference" else CPU
    assert keys(judge, "too slow", "also too slow") == ["fail:cpu", "fail:cpu"]
    assert [program for program, _ in FakeLane.begun].count("the reference") == 1


def test_a_broken_task_is_named_once_and_remembered(judge):
    FakeLane.answers = lambda job: {"broken": "the setup cannot run: NameError"}
    ((_, verdict),) = judge.judge([(TASK, "a")])
    assert (verdict.key, verdict.detail) == ("fault:broken-task", "the setup cannot run: NameError")
    assert keys(judge, "a") == ["fault:broken-task"]
    assert len(FakeLane.begun) == 1


def test_giving_up_half_way_stops_what_runs(judge):
    FakeLane.answers = lambda job: PASS
    verdicts = judge.judge([(TASK, str(n)) for n in range(5)])
    next(verdicts)
    verdicts.close()
    assert keys(judge, "after") == ["pass"]
