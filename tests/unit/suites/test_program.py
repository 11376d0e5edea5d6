"""What the judge is given, and what needs no judge."""

import pytest

from suture.core.measure.attempt import Completion, FinishReason
from suture.core.measure.task import Assertions, StdinCase, StdinCases, Task
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.suites.humaneval import humaneval_task
from suture.suites.program import program_of, settle

STOP, LENGTH = FinishReason.STOP, FinishReason.LENGTH


def wrote(text, finish=STOP):
    return Completion(text=text, finish=finish, prompt_tokens=1, tokens=1)


@pytest.fixture
def task(humaneval_row):
    return humaneval_task(humaneval_row(), suite="own", origin="", licence="")


@pytest.mark.parametrize("answer", ["def double(x):\n    return 2 * x", "def other(x):\n    return x", "x = (1"])
def test_an_answer_is_judged_as_written(task, answer):
    assert program_of(task, wrote(answer)) == answer


@pytest.mark.parametrize("answer", ["    return 2 * x", "\treturn 2 * x", "\n    return 2 * x"])
def test_an_answer_that_goes_on_from_the_signature_gets_the_signature(task, answer):
    program = program_of(task, wrote(answer))
    assert program == 'def double(x):\n    """ Twice x. """\n' + answer


def test_without_a_signature_there_is_nothing_to_go_on_from(task):
    other = task.model_copy(update={"stub": ""})
    assert program_of(other, wrote("    return 1")) == "    return 1"


def test_a_script_needs_no_entry_point(task):
    script = task.model_copy(update={"tests": StdinCases(cases=(StdinCase(stdin="", stdout=""),)), "entry_point": ""})
    assert program_of(script, wrote("  print(1)")) == "  print(1)"


@pytest.mark.parametrize(("finish", "reason"), [(STOP, Reason.NO_ANSWER), (LENGTH, Reason.TRUNCATED)])
def test_no_program_is_a_failure_with_its_cause(task, finish, reason):
    verdict = program_of(task, wrote("", finish))
    assert isinstance(verdict, Verdict)
    assert (verdict.outcome, verdict.reason) == (Outcome.FAIL, reason)


def test_a_prompt_without_a_fence_needs_one_in_the_answer():
    task = Task(
        id="T", suite="s", messages=(), answer_prefix="", entry_point="f", tests=Assertions(statements=("assert f()",))
    )
    assert program_of(task, wrote("Well:\n```python\nf = any\n```")) == "f = any\n"
    assert isinstance(program_of(task, wrote("Well, no.")), Verdict)


@pytest.mark.parametrize(
    ("finish", "before", "after"),
    [
        (LENGTH, Reason.SYNTAX, Reason.TRUNCATED),
        (STOP, Reason.SYNTAX, Reason.SYNTAX),
        (LENGTH, Reason.WRONG, Reason.WRONG),
    ],
)
def test_only_a_syntax_error_where_the_budget_ran_out_is_a_truncation(finish, before, after):
    verdict = Verdict(outcome=Outcome.FAIL, reason=before, detail="line 3", cpu_s=0.5)
    assert settle(wrote("x", finish), verdict) == verdict.model_copy(update={"reason": after})


def test_a_pass_or_a_fault_is_settled_as_it_is():
    for verdict in (Verdict(outcome=Outcome.PASS), Verdict(outcome=Outcome.FAULT, reason=Reason.FAULT)):
        assert settle(wrote("x", LENGTH), verdict) is verdict
