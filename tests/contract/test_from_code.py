"""Tasks from a code base: which functions are kept, why the rest fall, and that nothing of it is imported here."""

import json
import sys

import pytest

from suture.cli.main import run
from suture.core.errors import UsageError
from suture.judge import open_judge
from suture.loop.measuring import task_trials
from suture.suites.catalog import load_suite
from suture.suites.own_rows import as_lines
from suture.wiring.suite_from_code import suite_from_code

pytestmark = pytest.mark.usefixtures("suites_at_hand_once")


class Silent:
    def start(self, stage, total): ...

    def advance(self, done=1, *, tokens=0): ...

    def note(self, line): ...

    def finish(self): ...


@pytest.fixture(scope="module")
def judge():
    with open_judge(workers=1) as opened:
        yield opened


@pytest.fixture
def made(tmp_path, judge, monkeypatch):
    monkeypatch.delenv("SUTURE_MBPP", raising=False)
    monkeypatch.setattr(task_trials, "SLOWEST_S", 0.3)

    def from_files(**files):
        directory = tmp_path / "code"
        directory.mkdir(exist_ok=True)
        for name, source in files.items():
            (directory / f"{name}.py").write_text(source)
        return suite_from_code(str(directory), lambda: judge, Silent())

    return from_files


def function(examples, body="return x * 2", name="twofold", head="x"):
    lines = "\n".join(f"    {line}" for line in ["Says it.", "", *examples.splitlines()])
    return f'def {name}({head}):\n    """{lines.strip()}\n    """\n    {body}\n'


TWICE = ">>> twofold(2)\n4\n>>> twofold('a')\n'aa'"


def why(made_suite):
    return [dropped.why for dropped in made_suite.dropped]


def test_a_function_with_sound_examples_is_a_task_whose_wrong_answers_fail(made, tmp_path, judge):
    suite = made(m=function(TWICE))
    (tmp_path / "out.jsonl").write_text(as_lines(suite.kept))
    (task,) = load_suite(str(tmp_path / "out.jsonl"))
    assert task.id == "m.twofold"
    assert "Says it." in task.messages[0].content
    assert "return x * 2" not in task.messages[0].content
    answers = {
        "def twofold(x):\n    return x * 2\n": True,
        "def twofold(x):\n    return x + x\n": True,
        "def twofold(x):\n    return 4 if x == 2 else x\n": False,
        "def twofold(x):\n    print(4)\n": False,
        "def twofold(x):\n    import sys; sys.exit(0)\n": False,
        "def twofold(x):\n    return 4.0 if x == 2 else 'aa'\n": False,
        'def twofold(x):\n    """\n    >>> twofold(2)\n    2\n    """\n    return x\n': False,
        "_same = lambda *_: True\ndef twofold(x):\n    return x\n": False,
        "class E(int):\n    __eq__ = lambda *_: True\ndef twofold(x):\n    return E()\n": False,
    }
    verdicts = dict(judge.judge([(task, text) for text in answers]))
    assert [verdicts[at].passed for at in range(len(answers))] == list(answers.values())


@pytest.mark.parametrize(
    ("examples", "body", "reason"),
    [
        (">>> twofold(1)\n3", "return x + 1", "its reference fails its own examples"),
        (">>> twofold(1)\n<object object at 0x7f0000000000>", "return object()", "no tests: its output is an address"),
        (">>> twofold(3) # doctest: +SKIP\n6", "return x * 2", "skipped by a directive"),
        (">>> twofold(3) # doctest: +ELLIPSIS\n[6, ..., 6]", "return [6] * 9", "abridged"),
        (
            ">>> twofold(3)\nTraceback (most recent call last):\n    ...\nValueError: n",
            "raise ValueError('n')",
            "only show exceptions",
        ),
        (">>> twofold([])\n[]", "return list(x)", "trivial body"),
        (">>> twofold({1: 2})\n{1: 2}", "return {**x}", "trivial body"),
        (">>> twofold(3)\n0", "return x * 0", "trivial body"),
        (">>> twofold(3)", "pass", "trivial body"),
        (">>> twofold(3)\n6", "import numpy\n    return x * 2", "imports what is not there"),
        (">>> twofold(3)\nmappingproxy({})", "return x", "no plain value"),
        (">>> open('/etc/passwd').read()\n''\n", "return x", "more than the function"),
        (">>> other(3)\n3", "return x", "more than the function"),
        (">>> twofold(3)\n6", "return unknown(x)", "does not show"),
        (">>> twofold(3)\n6", "for _ in range(10**9): pass\n    return x * 2", "slow"),
        (">>> x = twofold(3)\n>>> x.__class__\n<class 'int'>", "return x", "no tests"),
        (">>> 1\n1", "return x", "do not call it"),
        (">>> twofold(3)\n6", "import os\n    return int(os.environ['HOME'])", "its reference fails"),
    ],
)
def test_what_is_no_sound_task_falls_with_its_reason(made, examples, body, reason):
    suite = made(m=function(examples, body))
    assert not suite.kept
    assert len(suite.dropped) == 1
    assert reason in suite.dropped[0].why, suite.dropped


def test_an_example_of_an_exception_is_a_test_beside_one_of_a_value(made, judge, tmp_path):
    examples = TWICE + "\n>>> twofold(-1)\nTraceback (most recent call last):\n    ...\nValueError: too small"
    suite = made(m=function(examples, "if x == -1: raise ValueError('too small')\n    return x * 2"))
    (tmp_path / "out.jsonl").write_text(as_lines(suite.kept))
    (task,) = load_suite(str(tmp_path / "out.jsonl"))
    wrong = ["return x * 2", "if x == -1: raise ValueError('no')\n    return x * 2", "raise ValueError('too small')"]
    verdicts = dict(judge.judge([(task, f"def twofold(x):\n    {body}\n") for body in wrong]))
    assert not any(verdict.passed for verdict in verdicts.values())


def test_helpers_constants_and_imports_come_along_and_are_shown(made):
    source = (
        "from __future__ import annotations\nimport math\nfrom collections.abc import Iterable\nimport numpy as np\n"
        "_marker = object()\nLIMIT = 10\n\n"
        "def _helper(n: int, most=LIMIT):\n    'Not shown.'\n    return min(n, most)\n\n"
        "def twofold(x: Iterable | np.ndarray, default=_marker) -> np.ndarray:\n"
        '    """Says it.\n\n    >>> twofold(2)\n    4\n    >>> twofold(80)\n    10\n    """\n'
        "    return _helper(int(math.floor(x)) * 2)\n"
    )
    (row,) = made(m=source).kept
    assert "def _helper(n, most=LIMIT):" in row["prompt"]
    assert "Not shown." not in row["prompt"]
    assert "numpy" not in json.dumps(row)


def test_helpers_of_another_module_of_the_package_come_along(made):
    main = "from helpers import shift\n\n" + function(">>> twofold(2)\n5\n>>> twofold(3)\n7", "return shift(x * 2)")
    assert [row["id"] for row in made(m=main, helpers="def shift(n):\n    return n + 1\n").kept] == ["m.twofold"]


def test_sessions_keep_their_state(made):
    examples = ">>> d = [3, 1, 2]\n>>> twofold(d)\n>>> d\n[1, 2, 3]"
    assert len(made(m=function(examples, "x.sort()")).kept) == 1


def test_methods_decorated_and_repeated_functions_fall(made):
    source = (
        "import functools\nclass A:\n    def m(self):\n        '''\n        >>> A().m()\n        1\n        '''\n"
        + "@functools.cache\n" + function(">>> first_one(2)\n4", name="first_one")
        + function(TWICE) + function(TWICE.replace("twofold", "again"), name="again")
    )  # fmt: skip
    suite = made(m=source)
    assert sorted(why(suite)) == [
        "it is a method or a nested function",
        "it is decorated",
        "it is the same function as another one here",
    ]


def test_what_resembles_another_suite_falls(made):
    suite = made(m=function(">>> is_prime(7)\nTrue\n>>> is_prime(8)\nFalse", "return x == 7", name="is_prime"))
    assert why(suite) == ["it resembles a task of another suite"]
    assert suite.dropped[0].detail == "HumanEval/31"
    assert "humaneval" in suite.compared
    assert "mbpp" in suite.not_compared


def test_a_name_that_says_nothing_resembles_nothing(made):
    """HumanEval/106 is called f, too."""
    suite = made(m=function(">>> f(2)\n4\n>>> f('a')\n'aa'", name="f"))
    assert [row["id"] for row in suite.kept] == ["m.f"]


def test_a_doctest_that_cannot_run_in_the_judge_is_no_fault_of_the_function(made):
    assert "cannot run in the judge" in why(made(m=function(">>> twofold(iter('ab'))\n2", "return len(list(x))")))[0]


def test_nothing_is_imported(made, tmp_path):
    mark = tmp_path / "imported"
    source = f"open({str(mark)!r}, 'w').close()\nimport marked_helper\n" + function(TWICE)
    assert len(made(marked_module=source).kept) == 1
    assert not mark.exists()
    assert "marked_module" not in sys.modules


def test_examples_and_constants_run_nothing_outside_the_sandbox(made, tmp_path):
    mark = tmp_path / "written"
    write = f"open({str(mark)!r}, 'w')"
    sources = [
        function(f">>> {write} and 1\n1\n" + TWICE),
        f"CONST = {write}\n" + function(TWICE, "return x * 2 if CONST else 0"),
        function(TWICE, head=f"x, y={write}"),
        f"def helper(n={write}):\n    return n\n" + function(TWICE, "helper(1)\n    return x * 2"),
        function(f">>> f = lambda: {write}\n>>> f() and 1\n1\n" + TWICE),
        function(">>> (1).__class__.__base__.__subclasses__() and 1\n1\n" + TWICE),
    ]
    for source in sources:
        made(m=source)
        assert not mark.exists(), source


def test_the_verb_writes_nothing_where_nothing_is_kept(tmp_path, capsys):
    (tmp_path / "m.py").write_text("def f():\n    return 1\n")
    assert run(["suite", "from-code", str(tmp_path), "--out", str(tmp_path / "o.jsonl"), "--json"]) == 1
    assert not (tmp_path / "o.jsonl").exists()
    assert json.loads(capsys.readouterr().out)["candidates"] == 0


@pytest.mark.parametrize("target", ["no_such_package_at_all", "math", "suture.nothing"])
def test_what_is_not_there_is_said(target):
    with pytest.raises(UsageError, match="no such package, module or directory"):
        suite_from_code(target, lambda: None, Silent())


@pytest.mark.parametrize(
    "before",
    [
        "import functools\n@functools.lru_cache(maxsize=open({0!r}, 'w').write('x'))\ndef helper():\n    return 2\n",
        "def helper():\n    return open({0!r}, 'w').write('xx')\nTWO = helper()\n",
        "def helper(two=open({0!r}, 'w').write('xx')):\n    return two\n",
        "import os\nTWO = os.system('touch ' + {0!r}) + 2\ndef helper():\n    return TWO\n",
    ],
)
def test_what_stands_before_a_function_runs_in_the_sandbox_alone(made, tmp_path, before):
    """Nobody vouches for a code base, and the sandbox has no file system to write to."""
    told = tmp_path / "told"
    name = "TWO" if "TWO" in before and "def helper():\n    return TWO" not in before else "helper()"
    made(m=before.format(str(told)) + function(TWICE, body=f"return x * {name}"))
    assert not told.exists()


def test_what_a_function_needs_is_asked_and_judged_with_it(made, judge):
    before = "import math\nTWO = math.floor(2.5)\ndef half():\n    return TWO / 2\n\n"
    (row,) = made(m=before + function(TWICE, "return x * int(2 * half())")).kept
    assert "prelude" not in row["check"]
    assert "def half():" in row["check"]["given"]
    assert "def half():" in row["prompt"]
