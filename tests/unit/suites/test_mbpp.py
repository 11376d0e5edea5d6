"""The official MBPP file, where a copy is at hand, and its rows."""

import json
import os
from pathlib import Path

import pytest

from suture.core.errors import BadFile
from suture.core.measure.groups import connected_groups
from suture.suites.catalog import load_suite
from suture.suites.kinds.python.answer import defines
from suture.suites.mbpp import entry_point_of, load_mbpp, mbpp_task


@pytest.fixture(scope="module")
def official():
    if not os.environ.get("SUTURE_MBPP"):
        pytest.skip("SUTURE_MBPP is not set: point it at a copy of mbpp.jsonl")
    return load_suite("mbpp")


def task_from(row):
    return mbpp_task(row, suite="own", origin="", licence="", prefix="own")


def test_all_974_under_their_official_names(official):
    assert [task.id for task in official] == [f"MBPP/{n}" for n in range(1, 975)]
    assert len({task.content_digest for task in official}) == 974


@pytest.mark.parametrize(("split", "size"), [("prompt", 10), ("test", 500), ("validation", 90), ("train", 374)])
def test_official_splits_have_their_official_sizes(official, split, size):
    assert len(load_suite(f"mbpp:{split}")) == size


def test_the_reports_part(official):
    assert [task.id for task in load_suite("mbpp:11-110")] == [f"MBPP/{n}" for n in range(11, 111)]


def test_every_reference_defines_what_the_tests_call(official):
    for task in official:
        assert defines(task.reference, task.check.entry_point), task.id
        assert any(task.check.entry_point in statement for statement in task.check.tests.statements), task.id


def test_known_entry_points(official):
    names = {task.id: task.check.entry_point for task in official}
    assert names["MBPP/1"] == "min_cost"
    assert names["MBPP/11"] == "remove_Occ"
    assert names["MBPP/974"] == "min_sum_path"


def test_setup_code_is_kept(official):
    rows = [json.loads(line) for line in Path(os.environ["SUTURE_MBPP"]).read_text().splitlines()]
    wanted = {f"MBPP/{row['task_id']}": row["test_setup_code"].replace("\r\n", "\n") for row in rows}
    assert {task.id: task.check.tests.setup for task in official} == wanted
    assert any(wanted.values())


def test_a_given_path_goes_before_the_variable(monkeypatch, jsonl, mbpp_row, tmp_path):
    monkeypatch.setenv("SUTURE_MBPP", str(tmp_path / "missing.jsonl"))
    assert [task.id for task in load_mbpp(jsonl(mbpp_row(task_id=7)))] == ["MBPP/7"]
    with pytest.raises(BadFile, match=r"missing\.jsonl"):
        load_mbpp()


def test_a_row_becomes_a_task(mbpp_row):
    task = task_from(mbpp_row(test_setup_code="import math\r\nX = 1"))
    assert task.id == "own/1"
    assert task.check.entry_point == "double"
    assert task.check.tests.setup == "import math\nX = 1"
    assert task.reference == "def double(x):\n    return 2 * x"
    assert "assert double(2) == 4\nassert double(0) == 0" in task.messages[0].content


def test_an_id_of_ones_own_is_kept(mbpp_row):
    assert task_from(mbpp_row(task_id="easy-1")).id == "easy-1"
    assert task_from(mbpp_row(task_id="0041")).id == "own/41"


def test_a_reference_may_be_missing(mbpp_row):
    assert task_from(mbpp_row(code=None)).reference is None
    assert task_from(mbpp_row(code="")).reference is None


@pytest.mark.parametrize("tests", [[], ["", "  "]])
def test_a_row_without_tests_is_refused(mbpp_row, tests):
    with pytest.raises(ValueError, match="test_list is empty"):
        task_from(mbpp_row(test_list=tests))


@pytest.mark.parametrize(
    ("statements", "reference", "name"),
    [
        (["assert f(1) == 2"], "def f(x): pass", "f"),
        (["assert set(f(1)) == set([2])"], "def f(x): pass", "f"),
        (["assert sorted(f(1)) == [2]"], None, "f"),
        (["assert math.isclose(f(1), 2)"], "def helper(): pass\ndef f(x): pass", "f"),
        (["assert f(Node(1)) == 2"], "def f(x): pass", "f"),
        (["assert sum(1, 2) == 3"], "def sum(a, b): pass", "sum"),
        (["assert f(1)"], "f = lambda x: x", "f"),
        (["assert Pair(1, 2).a == 1"], "class Pair: pass", "Pair"),
        (["x = 1", "assert f(x)"], "async def f(x): pass", "f"),
    ],
)
def test_the_entry_point_is_what_the_tests_call_and_the_reference_defines(statements, reference, name):
    assert entry_point_of(statements, reference) == name


@pytest.mark.parametrize(("statements", "reference"), [(["assert True"], None), (["assert g(1)"], "def f(x): pass")])
def test_tests_that_call_nothing_of_the_answer_are_refused(statements, reference):
    with pytest.raises(ValueError, match="no test calls"):
        entry_point_of(statements, reference)


SANITIZED = {
    "task_id": 900,
    "source_file": "x",
    "prompt": "Square a number.",
    "code": "def square(x):\n    return x * x\n",
    "test_imports": ["import json"],
    "test_list": ["assert json.dumps(square(3)) == '9'"],
}


def own(row):
    return mbpp_task(row, suite="own", origin="", licence="", prefix="own")


def test_the_sanitized_file_is_read_with_its_imports():
    task = own(SANITIZED)
    assert (task.check.prelude, task.check.tests.setup, task.check.entry_point) == ("import json\n",) * 2 + ("square",)
    assert task.messages[0].content.startswith("Square a number.")


def test_the_whole_test_of_mbpp_plus_is_run_and_not_shown():
    whole = "for x in range(9):\n    assert square(x) == x * x\n"
    task = own({**SANITIZED, "test": whole})
    assert task.check.tests.statements == (*own(SANITIZED).check.tests.statements, whole)
    assert "range(9)" not in task.messages[0].content


@pytest.mark.parametrize("number", [11, "11", 11.0])
def test_a_number_is_a_number_however_it_is_written(number):
    assert own({**SANITIZED, "task_id": number}).id == "own/11"


def test_one_test_is_shown_and_all_decide(tmp_path):
    row = {
        "task_id": 11,
        "text": "Double it.",
        "code": "def f(x): return 2 * x",
        "test_list": ["assert f(1) == 2", "assert f(3) == 6"],
    }
    file = tmp_path / "mbpp.jsonl"
    file.write_text(json.dumps(row) + "\n")
    (whole,), (one,) = (load_suite(name, sources={"mbpp": file}) for name in ("mbpp", "mbpp-one-test"))
    assert (one.id, one.suite, one.official_split) == ("MBPP-one-test/11", "mbpp-one-test", "test")
    assert "assert f(3) == 6" not in one.messages[0].content
    assert one.messages[0].content == whole.messages[0].content.replace("\nassert f(3) == 6", "")
    assert one.check == whole.check
    assert len(connected_groups([whole, one])) == 1
