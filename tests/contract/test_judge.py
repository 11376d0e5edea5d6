"""The port ``Judge``, as every level of isolation on this machine keeps it."""

import os
import time
from collections.abc import Iterator

import pytest
from tasks import python_task

from suture.core.errors import MissingTool
from suture.core.measure.checks.python import (
    Assertions,
    CallCase,
    CallCases,
    CheckFunction,
    Limits,
    StdinCase,
    StdinCases,
)
from suture.core.measure.task import Task
from suture.core.measure.verdict import IsolationLevel
from suture.core.plan.ports import Judge
from suture.judge import open_judge
from suture.judge.opening import LocalJudge
from suture.judge.survivors import descendants

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module", params=["L3", "L2", "L1", "L0"])
def judge(request) -> Iterator[LocalJudge]:
    level = IsolationLevel(request.param)
    try:
        judge = open_judge(workers=2, level=level, unsafe_local=level is IsolationLevel.L0)
    except MissingTool as error:
        pytest.skip(f"{level} cannot be had here: {error}")
    assert judge.identity.level is level
    with judge:
        yield judge


def task(tests, entry_point="f", **more) -> Task:
    return python_task(entry_point=entry_point, tests=tests, **more)


def keys(judge: Judge, *submissions: tuple[Task, str]) -> list[str]:
    return [verdict.key for _, verdict in sorted(judge.judge(submissions))]


CHECK = task(CheckFunction(source="def check(candidate):\n    assert candidate(2) == helper(2)\n"),
             prelude="import math\ndef helper(x):\n    return x * 2\n")  # fmt: skip
ASSERT = task(Assertions(setup="a = [1]", statements=("assert f(a) == 1", "assert f([]) == 0")))
CALLS = task(CallCases(cases=(CallCase(arguments=("[1, 2]", "3"), expected="6"),)))
STDIN = task(StdinCases(cases=(StdinCase(stdin="4\n", stdout="8\n"), StdinCase(stdin="5", stdout="10"))))


def test_every_kind_of_test(judge):
    assert (
        keys(
            judge,
            (CHECK, "def f(x): return math.floor(x * 2.0)"),
            (ASSERT, "def f(x): return len(x)"),
            (CALLS, "class Solution:\n    def f(self, xs, y): return sum(xs) + y"),
            (CALLS, "def f(xs, y): return sum(xs) + y"),
            (STDIN, "print(int(input()) * 2)"),
        )
        == ["pass"] * 5
    )


def test_every_reason(judge):
    slow = task(ASSERT.check.tests, limits=Limits(cpu_s=0.5, wall_s=0.5, memory_mb=64))
    assert keys(
        judge,
        (ASSERT, "def f(x): return 7"),
        (ASSERT, "def f(x): return {}[1]"),
        (ASSERT, "def f(x) return 1"),
        (ASSERT, "def g(x): return 1"),
        (slow, "def f(x):\n    while True: pass"),
        (slow, "import time\ndef f(x): time.sleep(60)"),
        (slow, "def f(x): return bytearray(1 << 40)"),
        (ASSERT, "import os\ndef f(x): os._exit(0)"),
        (CALLS, "def f(xs, y): return 5"),
        (STDIN, "print(8)"),
        (STDIN, "print(int(input()) * 2); 1 / 0"),
    ) == [
        f"fail:{reason}"
        for reason in [
            "wrong",
            "exception",
            "syntax",
            "no-answer",
            "cpu",
            "wall",
            "memory",
            "died",
            "wrong",
            "wrong",
            "exception",
        ]
    ]


BROKEN = [
    task(CheckFunction(source="def check():\n    assert f(1) == 1\n")),
    task(CheckFunction(source="def check(candidate):\n    assert candidate(1) = 1\n")),
    task(CheckFunction(source="def check(candidate):\n    pass\n"), prelude="import pydantic\n"),
    task(Assertions(setup="import no_such_package", statements=("assert f(1) == 1",))),
    task(Assertions(statements=("assert f(sys) == 1",))),
    task(CallCases(cases=(CallCase(arguments=("[1",), expected="1"),))),
]


def test_tests_that_cannot_run_are_broken_whatever_the_program(judge, capfd):
    programs = ["def f(x): return 1", "def g(x): return 1", "def f(x) return 1", "import os\nos._exit(0)", ""]
    found = keys(judge, *[(broken, program) for broken in BROKEN for program in programs])
    sending = slice(20, 25)  # only a program that is called shows that a module cannot be sent to it
    assert found[sending] == ["fault:broken-task", "fail:no-answer", "fail:syntax", "fail:died", "fail:no-answer"]
    del found[sending]
    assert found == ["fault:broken-task"] * 25
    assert "Traceback" not in "".join(capfd.readouterr())


def test_no_program_can_call_its_tests_broken(judge):
    typed = task(Assertions(statements=("assert f(1) == 1", "f(type(f(2)))")))
    called = task(Assertions(statements=("assert f(lambda x: iter([x])) == 1",)))
    named = task(Assertions(setup="a = helper(1)", statements=("assert f(a) == 1",)))
    assert keys(
        judge,
        (typed, "from decimal import Decimal\ndef f(x): return Decimal(1)"),
        (called, "def f(g): return g(1)"),
        (named, "def f(x): return 1"),
        (ASSERT, "raise ImportError('no_such_package')"),
        (ASSERT, "def f(x): raise SyntaxError('tests')"),
        (ASSERT, "import no_such_package"),
        (CHECK, "import os\nos._exit(1)"),
        (CHECK, "def f(x): raise NameError('check')"),
        (CHECK, "def check(candidate): pass\ndef f(x): return 0"),
    ) == [f"fail:{reason}" for reason in ["wrong", *["exception"] * 5, "died", "exception", "wrong"]]


def test_chance_in_the_tests_is_the_same_every_time(judge):
    drawn = task(Assertions(statements=("raise AssertionError(str([random.random(), f([])]))",)))
    found = list(judge.judge([(drawn, f"def f(x): return 1\n# {round_}") for round_ in range(4)]))
    assert len({verdict.detail for _, verdict in found}) == 1


def test_every_index_once_and_repeats_too(judge):
    found = [index for index, _ in judge.judge([(ASSERT, "def f(x): return len(x)")] * 5)]
    assert sorted(found) == [0, 1, 2, 3, 4]
    assert list(judge.judge([])) == []


def test_cpu_time_is_reported(judge):
    ((_, verdict),) = judge.judge([(ASSERT, "sum(range(3_000_000))\ndef f(x): return len(x)")])
    assert verdict.passed
    assert verdict.cpu_s > 0.01


def test_a_reference_that_is_slow_makes_room(judge):
    work = "def f(x):\n    n = 0\n    for _ in range({}): n += 1\n    return len(x)\n"
    slow = task(ASSERT.check.tests, reference=work.format(4_000_000), limits=Limits(cpu_s=0.1))
    assert keys(judge, (slow, work.format(3_999_999)), (slow, work.format(10**12))) == ["pass", "fail:cpu"]


def test_programs_do_not_see_each_other(judge):
    mark = "import builtins, sys\nbuiltins.MARK = sys.MARK = 1\ndef f(x): return len(x)"
    look = "import builtins, sys\ndef f(x): return 99 if hasattr(builtins, 'MARK') or hasattr(sys, 'MARK') else len(x)"
    for round_ in range(3):
        assert keys(judge, (ASSERT, f"{mark}\n# {round_}"), (ASSERT, f"{look}\n# {round_}")) == ["pass", "pass"]


def test_chance_and_hashes_are_the_same_every_time(judge):
    # Programs that show their luck to the tests: equal on every run, or the verdicts could not be.
    lucky = "import random\ndef f(x): return [random.random(), list({'a', 'b', 'c', 'd', 'e'}), hash('x')]"
    shown = task(CheckFunction(source="def check(candidate):\n    raise AssertionError(str(candidate(1)))"))
    details = set()
    for round_ in range(3):
        ((_, verdict),) = judge.judge([(shown, f"{lucky}\n# {round_}")])
        details.add(verdict.detail)
    assert len(details) == 1


def test_a_killed_referee_is_a_fault_that_mends_itself(judge):
    assert keys(judge, (ASSERT, "def f(x): return len(x) + 0")) == ["pass"]
    for process in descendants():
        os.kill(process, 9)
    assert keys(judge, (ASSERT, "def f(x): return len(x) + 0 + 0")) == ["pass"]


def test_closing_leaves_no_process(judge):
    level = judge.identity.level
    before = descendants()
    with open_judge(workers=1, level=level, unsafe_local=level is IsolationLevel.L0) as another:
        assert keys(another, (ASSERT, "def f(x): return len(x)")) == ["pass"]
        assert descendants() - before
    for _ in range(3000):  # a minute at most: on a busy machine the last of them takes its time to go
        if descendants() <= before:
            break
        time.sleep(0.02)
    assert descendants() <= before


def test_l0_is_only_given_when_asked_for():
    with pytest.raises(MissingTool) as refusal:
        open_judge(workers=1, level=IsolationLevel.L0)
    assert "bubblewrap" in (refusal.value.mend or "")


def test_half_a_character(judge):
    """In source Python refuses it; as a value, written as an escape, it is text like any other."""
    value = task(Assertions(statements=(r"assert f('\ud835') == ['\ud835']",)))
    raised = task(Assertions(statements=("assert f()",)))
    assert keys(
        judge,
        (value, "def f(x): return [x]"),
        (value, "def f(x): return [x]  # \ud835"),
        (raised, r"def f(): raise ValueError('\udfff')"),
        (STDIN, "print(int(input()) * 2)  # \udfff"),
        (STDIN, r"print('\ud835')"),
    ) == ["pass", "fail:syntax", "fail:exception", "fail:syntax", "fail:exception"]


def test_what_a_prompt_gives_is_there_for_the_answer_and_runs_nowhere_else(judge, tmp_path):
    lent = Assertions(statements=("assert f(2) == helper(2)",))
    helper = task(lent, given="def helper(x):\n    return x * 2\n")
    assert keys(judge, (helper, "def f(x):\n    return helper(x)"), (helper, "f = abs")) == ["pass", "fail:wrong"]
    written = tmp_path / "written"
    tmp_path.chmod(0o777)
    reaching = task(lent, given=f"open({str(written)!r}, 'w')\nraise SystemExit\n")
    assert keys(judge, (reaching, "f = abs")) == ["fault:broken-task"]
    assert judge.identity.level is IsolationLevel.L0 or not written.exists()
