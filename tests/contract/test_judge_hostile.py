"""Nothing in the hostile suite fools, hangs or outlives the judge, and the next honest program is judged right."""

import pytest

from suture.core.errors import MissingTool
from suture.core.measure.verdict import IsolationLevel
from suture.judge import open_judge
from suture.judge.hostile import hostile_cases, odd_cases
from suture.judge.selftest import run_selftest

QUICK = ("forged equality", "exits", "signals", "patched builtins and sys.modules", "network", "disk")


def opened(level):
    try:
        return open_judge(workers=1, level=IsolationLevel(level))
    except MissingTool as error:
        pytest.skip(f"{level} cannot be had here: {error}")


@pytest.mark.sandbox
@pytest.mark.parametrize("level", ["L3", "L2"])
def test_quick_families_and_honest_oddities(level):
    cases = [case for case in (*hostile_cases(), *odd_cases()) if case.family in QUICK or case.key == "pass"]
    with opened(level) as judge:
        verdicts = dict(judge.judge([(case.task, case.program) for case in cases]))
    assert not [f"{case.name}: {verdicts[n]}" for n, case in enumerate(cases) if not case.judged_right(verdicts[n].key)]


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.parametrize("level", ["L3", "L2"])
def test_the_whole_suite_each_followed_by_an_honest_program(level):
    with opened(level) as judge:
        rows = list(run_selftest(judge, {}))
    assert not [name for row in rows for name in row.wrong]
    assert sum(row.false_passes for row in rows) == 0
    assert sum(row.survivors for row in rows) == 0
