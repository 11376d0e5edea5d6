"""Kind ``grader``: what one's own function says, and what an answer cannot do to it."""

import pytest
from kinds import completed, in_sandbox, own

from suture.core.measure.attempt import FinishReason
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.judge import open_judge
from suture.loop.measuring.soundness import broken_tasks
from suture.suites.kinds import kind_of, submission_of

HALF = """
import json

def grade(answer, task):
    return json.loads(answer or "0") * 2 == task["check"]["expected"]
"""
CAREFUL = """
import json

def grade(answer, task):
    print("to nobody")
    task["check"]["expected"] += 1
    try:
        return json.loads(answer) * 2 == task["check"]["expected"] - 1
    except (ValueError, TypeError):
        return False
"""
EVALUATING = """
def grade(answer, task):
    try:
        return eval(answer) == 21
    except Exception:
        return False
"""


PLAIN = ChatTemplate(source="")


@pytest.fixture(scope="module")
def judge():
    with open_judge(workers=1) as opened:
        yield opened


def task(grader, expected=42, reference="21", **more):
    return own("grader", {"grader": grader, "expected": expected, **more}, reference=reference)


def body(text):
    return f"def grade(answer, task):\n    {text}\n"


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ("21", "pass"),
        (" 21.0\n", "pass"),
        ("<think>20?</think>21", "pass"),
        ("20", "fail:wrong"),
        ("", "fail:wrong"),
        ("\ud800", "fail:wrong"),
    ],
)
def test_the_grader_decides(judge, answer, wanted):
    assert not broken_tasks(judge, [task(CAREFUL)])
    assert in_sandbox(judge, task(CAREFUL), answer).key == wanted


def test_the_grader_sees_its_task(judge):
    keys = "[task['id'], task['prompt'], task['reference'], task['check']['expected']]"
    seen = body(f"return {keys} == ['t', 'Answer.', '21', 42]")
    assert in_sandbox(judge, task(seen), "x").key == "pass"


@pytest.mark.parametrize(
    ("grader", "answer"),
    [
        (HALF, "not json"),
        (EVALUATING, "__import__('os')._exit(0)"),
        (EVALUATING, "exit(0)"),
        (body("return answer == '21' or (answer == 'x' and None)"), "x"),
        (body("return 1 if answer == 'x' else answer == '21'"), "x"),
        (body("return 'yes' if answer == 'x' else answer == '21'"), "x"),
        (body("return answer == '21' or [0 for _ in iter(int, 1) if answer == 'x'] == [1]"), "x"),
        (body("raise SystemExit(0)"), "x"),
        (body("open('/etc/passwd')"), "x"),
        (body("import subprocess; return subprocess.run(['true']).returncode == 0"), "x"),
    ],
)
def test_a_grader_that_gives_no_verdict_fails_the_answer_and_keeps_its_task(judge, grader, answer):
    told = in_sandbox(judge, task(grader, limits={"cpu_s": 0.5}), answer)
    assert (told.outcome, told.reason) == (Outcome.FAIL, Reason.GRADER), told


@pytest.mark.parametrize(
    ("grader", "said"),
    [
        (body("return 'yes'"), "returned str"),
        (body("return 1"), "returned int"),
        (body("pass"), "returned NoneType"),
        (body("return False"), "its reference fails"),
        (body("return True"), "the answer '' passes"),
        (body("return answer != ''"), "the answer 'garbage' passes"),
        (body("return answer in ('21', 'null')"), "the answer 'null' passes"),
        (HALF.replace('or "0"', ""), "JSONDecodeError"),
        (body("import random; return answer == '21' and random.random() < 0.9"), "its reference fails"),
        (body("import os; return answer == '21' and os.urandom(1) > b'\\xfe'"), "its reference fails"),
        (
            body("task['n'] = globals().setdefault('N', []); N.append(1); return answer == '21' and len(N) < 5"),
            "its reference fails",
        ),
        (body("import sys; return True if answer == '21' else sys.exit(0)"), "SystemExit"),
        ("import nowhere\n" + body("return answer == '21'"), "nowhere"),
        ("grade = 5", "no grade"),
        (body("return answer == '21'").replace("answer, task", "answer"), "TypeError"),
    ],
)
def test_a_grader_that_does_not_work_is_broken(judge, grader, said):
    (broken,) = broken_tasks(judge, [task(grader)])
    assert said in broken.why
    assert "\n" not in broken.why


@pytest.mark.parametrize(
    ("grader", "said"),
    [
        ("def check(answer, task):\n    return True\n", "defines no grade"),
        ("def grade(", "no Python"),
        ("", "defines no grade"),
    ],
)
def test_a_source_that_is_no_grader_is_refused(grader, said):
    with pytest.raises(ValueError, match=said):
        task(grader)


def test_a_grader_without_a_reference_is_tried_on_what_must_fail(judge):
    assert broken_tasks(judge, [task(CAREFUL, reference=None)]) == ()
    (broken,) = broken_tasks(judge, [task(body("return True"), reference=None)])
    assert "passes" in broken.why


def test_no_answer_makes_its_own_task_broken():
    kind = kind_of(task(CAREFUL))
    for reason in (Reason.BROKEN_TASK, Reason.SYNTAX, Reason.DIED, Reason.CPU):
        outcome = Outcome.FAULT if reason is Reason.BROKEN_TASK else Outcome.FAIL
        told = kind.settle(completed("x"), Verdict(outcome=outcome, reason=reason))
        assert told.key == "fail:grader"
    fault = Verdict(outcome=Outcome.FAULT, reason=Reason.FAULT)
    assert kind.settle(completed("x"), fault) == fault
    assert kind.extract(task(CAREFUL), completed("<think>", FinishReason.LENGTH)).reason is Reason.TRUNCATED


def test_equal_answers_are_run_alike_and_the_answer_is_in_no_source():
    first, again = (submission_of(task(CAREFUL), "an answer") for _ in range(2))
    assert (first.task.digest, first.program) == (again.task.digest, "an answer")
    assert "an answer" not in str(first.task.to_json())


def test_what_is_taught():
    own_task = task(CAREFUL)
    assert kind_of(own_task).target_of_reference(own_task, PLAIN, restyle=True) == "21"
    assert kind_of(own_task).target_of_answer(own_task, PLAIN, "<think>x</think>21\n") == "21"
