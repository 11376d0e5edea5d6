"""What the judge is given, and what needs no judge."""

import pytest
from tasks import python_task

from suture.core.measure.attempt import Completion, FinishReason
from suture.core.measure.checks.python import Assertions, StdinCase, StdinCases
from suture.core.measure.task import AnswerForm
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.suites.humaneval import humaneval_task
from suture.suites.kinds import kind_of
from suture.suites.kinds.python.kind import PythonKind

STOP, LENGTH = FinishReason.STOP, FinishReason.LENGTH


def answer_of(task, completion):
    return kind_of(task).extract(task, completion)


def wrote(text, finish=STOP):
    return Completion(text=text, finish=finish, prompt_tokens=1, tokens=1)


@pytest.fixture
def task(humaneval_row):
    return humaneval_task(humaneval_row(), suite="own", origin="", licence="")


@pytest.mark.parametrize("answer", ["def double(x):\n    return 2 * x", "def other(x):\n    return x", "x = (1"])
def test_an_answer_is_judged_as_written(task, answer):
    assert answer_of(task, wrote(answer)) == answer


@pytest.mark.parametrize("answer", ["    return 2 * x", "\treturn 2 * x", "\n    return 2 * x"])
def test_an_answer_that_goes_on_from_the_signature_gets_the_signature(task, answer):
    program = answer_of(task, wrote(answer))
    assert program == 'def double(x):\n    """ Twice x. """\n' + answer


def test_without_a_signature_there_is_nothing_to_go_on_from(task):
    other = task.model_copy(update={"check": task.check.model_copy(update={"stub": ""})})
    assert answer_of(other, wrote("    return 1")) == "    return 1"


def test_a_script_needs_no_entry_point(task):
    script = python_task(tests=StdinCases(cases=(StdinCase(stdin="", stdout=""),)))
    assert answer_of(script, wrote("  print(1)")) == "  print(1)"


@pytest.mark.parametrize(("finish", "reason"), [(STOP, Reason.NO_ANSWER), (LENGTH, Reason.TRUNCATED)])
def test_no_program_is_a_failure_with_its_cause(task, finish, reason):
    verdict = answer_of(task, wrote("", finish))
    assert isinstance(verdict, Verdict)
    assert (verdict.outcome, verdict.reason) == (Outcome.FAIL, reason)


def test_a_prompt_without_a_fence_needs_one_in_the_answer():
    task = python_task(form=AnswerForm(), entry_point="f", tests=Assertions(statements=("assert f()",)))
    assert answer_of(task, wrote("Well:\n```python\nf = any\n```")) == "f = any\n"
    assert isinstance(answer_of(task, wrote("Well, no.")), Verdict)


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
    assert PythonKind().settle(wrote("x", finish), verdict) == verdict.model_copy(update={"reason": after})


def test_a_pass_or_a_fault_is_settled_as_it_is():
    for verdict in (Verdict(outcome=Outcome.PASS), Verdict(outcome=Outcome.FAULT, reason=Reason.FAULT)):
        assert PythonKind().settle(wrote("x", LENGTH), verdict) is verdict
