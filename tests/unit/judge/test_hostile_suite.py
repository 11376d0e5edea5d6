"""The suite's own soundness; that the judge stands up to it is tests/contract/test_judge_hostile.py."""

from collections import Counter

import pytest

from suture.judge.hostile import hostile_cases, odd_cases
from suture.judge.hostile.case import parse

FAMILIES = {
    "forged equality",
    "decoder bombs",
    "generators and lazy objects",
    "frames, gc and tests",
    "reading files, environment, tests",
    "network",
    "disk",
    "exits",
    "faked broken tasks",
    "signals",
    "fork and thread bombs, daemons",
    "time bombs",
    "memory",
    "output floods",
    "recursion and C-level crashes",
    "patched builtins and sys.modules",
    "unreadable sources",
}


def test_every_family_is_there_and_no_two_cases_are_the_same():
    cases = hostile_cases()
    assert len(cases) >= 60
    assert {case.family for case in cases} == FAMILIES
    assert not [name for name, count in Counter((case.family, case.name) for case in cases).items() if count > 1]
    assert not [case for case in cases if case.key == "pass"]


def test_an_unnamed_verdict_means_any_failure_but_never_a_pass_or_fault():
    case = hostile_cases()[0]
    assert case.judged_right("fail:wrong")
    assert not case.judged_right("pass")
    assert not case.judged_right("fault:fault")


def test_honest_oddities_each_have_a_verdict():
    assert len(odd_cases()) >= 30
    assert all(case.key for case in odd_cases())


def test_the_file_format():
    text = "family\n\n=== common\nA = 1\n=== one | task echo | fail:died\nB = 2\n=== two\nC = 3\n"
    one, two = parse(text, honest=False)
    assert (one.family, one.name, one.key, one.task.id) == ("family", "one", "fail:died", "selftest/echo")
    assert two.program == "A = 1\nC = 3\n"
    with pytest.raises(KeyError):
        list(parse("f\n=== one | task none\n", honest=False))
