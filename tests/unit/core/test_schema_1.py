"""A task is still known by the digest that ledgers of before kinds have."""

from tasks import python_task

from suture.core.gate.looks import HeldOutShowing, look_at, renamed
from suture.core.measure.checks.json import JsonCheck
from suture.core.measure.checks.python import Assertions, Limits
from suture.core.measure.schema_1 import digest_in_schema_1
from suture.core.measure.task import Message, Task

WRITTEN_BY_SCHEMA_1 = "a025f4093b192c16ee1b5c3ee1f3e99a3d90d5500a54ad803b1c34bd2030457f"


def test_the_digest_of_before():
    task = python_task(
        id="T/1",
        suite="t",
        messages=(Message(role="user", content="Add."),),
        prelude="import math\n",
        stub="def f(x):\n",
        entry_point="f",
        tests=Assertions(setup="a = 1", statements=("assert f(a) == 2",)),
        limits=Limits(cpu_s=3),
        reference="def f(x):\n    return x + 1",
        official_split="test",
        origin="here",
        licence="MIT",
        tags=("t",),
    )
    assert digest_in_schema_1(task) == WRITTEN_BY_SCHEMA_1


def test_other_kinds_had_none():
    task = Task(id="T", suite="t", messages=(), check=JsonCheck(equals_text="1"))
    assert digest_in_schema_1(task) is None


def test_looks_under_the_earlier_digest_are_counted():
    def trial(holdout, candidate):
        return HeldOutShowing(holdout=holdout, candidate=candidate, evidence=candidate, tasks=3, at="now")

    trials = renamed([trial("old", "a"), trial("other", "b"), trial("new", "c")], "new", earlier="old")
    assert [t.holdout for t in trials] == ["new", "other", "new"]
    assert look_at(trials, trials[-1], 0.05).number == 2
