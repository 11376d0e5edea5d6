"""Tests that cannot run are broken whatever the program; what only a program could tell stays undecided."""

import json

import pytest

from suture.judge.referee.test_sources import compiled, names_wanted
from suture.judge.referee.tests_alone import BrokenTests, ensure_readable, ensure_runnable

GOOD = "def check(candidate):\n    assert candidate(1) == 1\n"


def job(tests, prelude=""):
    return {"prelude": prelude, "tests": tests, "entry_point": "f"}


def check(source, prelude=""):
    return job({"kind": "check", "source": source}, prelude)


def assertions(*statements, setup="", prelude=""):
    return job({"kind": "assertions", "setup": setup, "statements": list(statements)}, prelude)


def calls(*texts):
    return job({"kind": "calls", "cases": [{"arguments": list(texts), "expected": "1"}]})


UNREADABLE = [
    (check("def check(candidate):\n    assert candidate(1) = 1\n"), r"the tests cannot be compiled: .*\(line 2\)"),
    (check(GOOD + "\0"), "null byte"),
    (check(GOOD, prelude="def ("), "the prelude cannot be compiled"),
    (assertions("assert f(1)", "assert f(1"), "test 2 cannot be compiled"),
    (assertions("  assert f(1)"), "test 1 cannot be compiled: IndentationError"),
    (assertions("assert f(1)", setup="a ="), "the setup cannot be compiled"),
    (assertions(f"assert f({'(' * 300}1{')' * 300})"), "nested parentheses"),
]


@pytest.mark.parametrize(("broken", "complaint"), UNREADABLE)
def test_a_source_that_is_no_python(broken, complaint):
    with pytest.raises(BrokenTests, match=complaint):
        ensure_readable(broken)


UNRUNNABLE = [
    (check(""), "define no check"),
    (check("def test(candidate):\n    assert candidate(1) == 1\n"), "define no check"),
    (check("check(f)"), "define no check"),
    (check("check = 3"), "check is no function"),
    (check("def check():\n    assert f(1) == 1\n"), "cannot be called with the answer alone"),
    (check("def check(one, two):\n    assert one(1) == 1\n"), "missing a required argument: 'two'"),
    (check("def check(*, candidate):\n    assert candidate(1) == 1\n"), "cannot be called with the answer alone"),
    (check("async def check(candidate):\n    assert candidate(1) == 1\n"), "runs no test"),
    (check("def check(candidate):\n    yield candidate(1) == 1\n"), "runs no test"),
    (check("import no_such_package\n" + GOOD), "the tests cannot run: ModuleNotFoundError: .*no_such_package"),
    (check("def check(candidate):\n    from math import no_such_name\n"), "the tests cannot run: ImportError"),
    (check("1 / 0\n" + GOOD), "the tests cannot run: ZeroDivisionError"),
    (check("raise SystemExit\n" + GOOD), "the tests cannot run: SystemExit$"),
    (check(GOOD, prelude="import no_such_package"), "the prelude cannot run"),
    (assertions("assert f(1)", setup="import no_such_package"), "the setup cannot run"),
    (assertions("assert f(1)", setup="[][1]"), "the setup cannot run: IndexError"),
    (assertions("assert f(1)", "import no_such_package"), "the tests cannot run: ModuleNotFoundError"),
    (calls("[1,"), "case 1 is no JSON"),
]


@pytest.mark.parametrize(("broken", "complaint"), UNRUNNABLE)
def test_tests_that_fail_with_no_program_near_them(broken, complaint):
    ensure_readable(broken)
    with pytest.raises(BrokenTests, match=complaint):
        ensure_runnable(broken)


UNDECIDED = [
    check(GOOD),
    check("helper(1)\n" + GOOD),  # an answer may define helper
    check("try:\n    import no_such_package\nexcept ImportError:\n    pass\n" + GOOD),
    check("def check(candidate):\n    if candidate(1) != 1:\n        import no_such_package\n"),
    check("check = lambda candidate, more=1: candidate(more)\n"),
    check("import functools\ncheck = functools.partial(print, 1)\n"),
    assertions("assert f(g(1)) == 1", setup="a = Node(1)"),
    assertions("assert f(math.pi) == sys.maxsize"),  # modules that tests are lent
    calls("[1]", json.dumps({"a": None})),
    job({"kind": "stdin", "cases": [{"stdin": "", "stdout": ""}]}),
]


@pytest.mark.parametrize("sound", UNDECIDED)
def test_what_a_program_may_have_a_part_in_is_left_to_it(sound):
    ensure_readable(sound)
    ensure_runnable(sound)


def test_every_source_is_compiled_once():
    once = assertions("assert f(once_a) == 10", "assert f(2) == 20", setup="once_a = 1", prelude="once_b = 1")
    before = compiled.cache_info().misses
    ensure_readable(once)
    names_wanted(once["tests"], "f")
    ensure_runnable(once)
    assert compiled.cache_info().misses - before == len(("prelude", "setup", "test 1", "test 2"))
