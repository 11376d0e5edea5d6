"""Every official reference solution passes, on every run, however crowded the machine is."""

import os

import pytest

from suture.core.errors import MissingTool
from suture.harnesses.table import Compat, under_rule
from suture.judge import open_judge
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


UNDEFINED = {"overwrites its memory", "refcount to zero"}
"""Programs that destroy their own memory: they fail every time, but the reason is not theirs to promise."""


def submissions():
    cases = (*hostile_cases(), *odd_cases())
    named = [(case.name, case.task, case.program) for case in cases]
    return named + [(task.id, task, task.reference) for task in humaneval()]


def keys(judge, named):
    verdicts = sorted(judge.judge([(task, program) for _, task, program in named]))
    return [
        verdict.outcome.value if name in UNDEFINED else verdict.key
        for (name, _, _), (_, verdict) in zip(named, verdicts, strict=True)
    ]


def differing(named, *runs):
    return [(named[n][0], said) for n, said in enumerate(zip(*runs, strict=True)) if len(set(said)) > 1]


@pytest.mark.slow
def test_a_second_run_and_one_sixteen_times_oversubscribed_say_the_same():
    named, runs = submissions(), []
    for workers in (None, None, 16 * len(os.sched_getaffinity(0))):
        with open_judge(workers=workers) as judge:
            runs.append(keys(judge, named))
    assert differing(named, *runs) == []
