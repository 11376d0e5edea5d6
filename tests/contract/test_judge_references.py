"""Every official reference solution passes, on every run, however crowded the machine is."""

import os

import pytest

from suture.core.errors import MissingTool
from suture.judge import open_judge
from suture.judge.compat import Compat, under_rule
from suture.judge.hostile import hostile_cases, odd_cases
from suture.suites.catalog import load_suite

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def judge():
    with open_judge() as judge:
        yield judge


def not_passed(judge, tasks, rule=None):
    submissions = [(task, task.reference) for task in tasks]
    if rule:
        submissions = [under_rule(rule, *submission) for submission in submissions]
    return [(tasks[n].id, verdict.key) for n, verdict in sorted(judge.judge(submissions)) if not verdict.passed]


def mbpp():
    if "SUTURE_MBPP" not in os.environ:
        pytest.skip("SUTURE_MBPP does not name a copy of mbpp.jsonl")
    return load_suite("mbpp")


def humaneval():
    try:
        return load_suite("humaneval")
    except MissingTool as error:
        pytest.skip(str(error))


def test_humaneval(judge):
    assert not_passed(judge, humaneval()) == []


@pytest.mark.parametrize("rule", Compat)
def test_humaneval_by_other_rules(judge, rule):
    assert not_passed(judge, humaneval(), rule) == []


@pytest.mark.slow
def test_mbpp(judge):
    assert not_passed(judge, mbpp()) == []


@pytest.mark.slow
def test_three_runs_say_the_same():
    cases = (*hostile_cases(), *odd_cases())
    submissions = [(case.task, case.program) for case in cases]
    submissions += [(task, task.reference) for task in humaneval()]
    runs = []
    for _ in range(3):
        with open_judge() as judge:
            runs.append([verdict.key for _, verdict in sorted(judge.judge(submissions))])
    differing = [
        (submissions[n][0].id, cases[n].name if n < len(cases) else "reference", keys)
        for n, keys in enumerate(zip(*runs, strict=True))
        if len(set(keys)) > 1
    ]
    assert differing == []


@pytest.mark.slow
def test_sixteen_times_oversubscribed_changes_nothing():
    cases = [case for case in (*hostile_cases(), *odd_cases())]
    submissions = [(case.task, case.program) for case in cases]
    submissions += [(task, task.reference) for task in humaneval()]
    with open_judge() as judge:
        alone = [verdict.key for _, verdict in sorted(judge.judge(submissions))]
    with open_judge(workers=16 * (os.cpu_count() or 1)) as judge:
        crowded = [verdict.key for _, verdict in sorted(judge.judge(submissions))]
    names = [case.name for case in cases] + ["reference"] * len(submissions)
    assert [(names[n], pair) for n, pair in enumerate(zip(alone, crowded, strict=True)) if len(set(pair)) > 1] == []
