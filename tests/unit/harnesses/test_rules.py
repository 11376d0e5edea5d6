import pytest
from tasks import python_task

from suture.core.measure.checks.python import Assertions, CallCase, CallCases, CheckFunction
from suture.harnesses.table import HARNESSES, Compat, under_rule


def task(tests):
    return python_task(prelude="import math\n", entry_point="f", tests=tests, reference="x")


def test_human_eval_runs_tests_in_the_programs_process():
    changed, program = under_rule(
        Compat.HUMAN_EVAL, task(CheckFunction(source="def check(c):\n    assert c(1) == 1")), "def f(x): return x\n"
    )
    space = {}
    exec(program, space)
    assert program.endswith("check(f)")
    assert changed.check.tests == Assertions(statements=("pass",))
    assert changed.reference is None
    assert changed.check.limits.wall_s == 3.0


@pytest.mark.parametrize(
    ("answer", "expected", "same"),
    [
        (1.0000001, 1.0, True),
        (1.1, 1.0, False),
        ([1.0, 2.0], [1.0, 2.0000001], True),
        ([1.0], [1.0, 2.0], False),
        ([1.0], (1.0,), False),
        ("a", "a", True),
        ([1], [2], False),
    ],
)
def test_evalplus_meets_floats_within_its_tolerance(answer, expected, same):
    changed, _ = under_rule(Compat.EVALPLUS, task(Assertions(statements=(f"assert f() == {expected!r}",))), "")
    space = {"f": lambda: answer}
    exec(changed.check.tests.setup, space)
    if same:
        exec(changed.check.tests.statements[0], space)
    else:
        with pytest.raises(AssertionError):
            exec(changed.check.tests.statements[0], space)


def test_other_tasks_are_left_alone():
    calls = task(CallCases(cases=(CallCase(arguments=("1",), expected="1"),)))
    for rule in Compat:
        assert under_rule(rule, calls, "p") == (calls, "p")


def test_every_rule_can_be_chosen():
    assert {row.name for row in HARNESSES if row.rule} == set(Compat)
