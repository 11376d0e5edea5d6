"""Official ``code_generation_lite`` rows; the two here are our own, in exactly that format."""

import base64
import json
import pickle
import zlib

import pytest

from suture.core.errors import BadFile, MissingTool
from suture.core.measure.checks.python import CallCases, StdinCases
from suture.suites.catalog import load_suite


def packed(cases):
    return base64.b64encode(zlib.compress(pickle.dumps(json.dumps(cases)))).decode()


def case(given, wanted, kind):
    return {"input": given, "output": wanted, "testtype": kind}


def row(**changes):
    return {
        "question_title": "Sum",
        "question_content": "Print the sum of two numbers.",
        "platform": "atcoder",
        "question_id": "abc300_a",
        "contest_id": "abc300",
        "contest_date": "2023-04-29T00:00:00",
        "starter_code": "",
        "difficulty": "easy",
        "public_test_cases": json.dumps([case("1 2\n", "3\n", "stdin")]),
        "private_test_cases": packed([case("5 6\n", "11\n", "stdin")]),
        "metadata": "{}",
        **changes,
    }


FUNCTIONAL = {
    "question_id": "2800",
    "starter_code": "class Solution:\n    def add(self, a: int, b: List[int]) -> int:\n        ",
    "public_test_cases": json.dumps([case("1\n[2, 3]", "6", "functional")]),
    "private_test_cases": packed([case("0\n[]", "0", "functional")]),
    "metadata": json.dumps({"func_name": "add"}),
}


@pytest.fixture
def suite(tmp_path):
    def write(*rows):
        path = tmp_path / "lcb.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    return write


def test_a_separator_of_lines_in_a_text_parts_no_arguments(suite):
    more = FUNCTIONAL | {"public_test_cases": json.dumps([case('"a\u2028b\x85"\n[2]', "6", "functional")])}
    (task,) = load_suite(str(suite(row(**more))))
    assert task.check.tests.cases[0].arguments == ('"a\u2028b\x85"', "[2]")


def test_stdin_tests_public_and_private(suite):
    (task,) = load_suite(str(suite(row())))
    assert task.id == "LiveCodeBench/abc300_a"
    assert isinstance(task.check.tests, StdinCases)
    assert [(c.stdin, c.stdout) for c in task.check.tests.cases] == [("1 2\n", "3\n"), ("5 6\n", "11\n")]
    assert task.tags == ("livecodebench", "atcoder", "easy")


def test_functional_tests_call_the_named_function(suite):
    (task,) = load_suite(str(suite(row(**FUNCTIONAL))))
    assert task.check.entry_point == "add"
    assert isinstance(task.check.tests, CallCases)
    assert [(c.arguments, c.expected) for c in task.check.tests.cases] == [(("1", "[2, 3]"), "6"), (("0", "[]"), "0")]
    assert "class Solution:" in task.messages[0].content


def test_private_tests_that_are_plain_json(suite):
    (task,) = load_suite(str(suite(row(private_test_cases=json.dumps([case("1 1\n", "2\n", "stdin")])))))
    assert len(task.check.tests.cases) == 2


def test_the_official_name_reads_from_a_source(suite):
    (task,) = load_suite("livecodebench", sources={"livecodebench": suite(row())})
    assert task.suite == "livecodebench"


def test_the_official_name_without_a_file_says_what_to_do(monkeypatch):
    monkeypatch.delenv("SUTURE_LIVECODEBENCH", raising=False)
    with pytest.raises(MissingTool, match="not on this machine"):
        load_suite("livecodebench")


class Hostile:
    def __reduce__(self):
        return print, ("run by a pickle",)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"private_test_cases": base64.b64encode(zlib.compress(pickle.dumps(Hostile()))).decode()}, "line 1"),
        ({"private_test_cases": "%%%"}, "not base64"),
        ({"private_test_cases": packed([case("0\n[]", "0", "functional")])}, "tests of 2 types"),
        ({"public_test_cases": "[]", "private_test_cases": "[]"}, "tests of 0 types"),
        ({**FUNCTIONAL, "metadata": "{}"}, "names no func_name"),
        ({"public_test_cases": "{"}, "line 1"),
    ],
)
def test_a_broken_row_is_refused_with_its_line(suite, capsys, changes, complaint):
    with pytest.raises(BadFile, match=complaint) as caught:
        load_suite(str(suite(row(**changes))))
    assert "line 1" in str(caught.value)
    assert "run by a pickle" not in capsys.readouterr().out


@pytest.mark.sandbox
def test_the_judge_takes_both_kinds(suite):
    from suture.judge import open_judge

    tasks = load_suite(str(suite(row(), row(**FUNCTIONAL))))
    programs = [
        "print(sum(map(int, input().split())))",
        "class Solution:\n    def add(self, a, b):\n        return a + sum(b)",
        "print(3)",
        "class Solution:\n    def add(self, a, b):\n        return 6",
    ]
    judge = open_judge(workers=1)
    try:
        found = dict(judge.judge(list(zip(tasks * 2, programs, strict=True))))
    finally:
        judge.close()
    assert [found[i].key for i in range(4)] == ["pass", "pass", "fail:wrong", "fail:wrong"]
