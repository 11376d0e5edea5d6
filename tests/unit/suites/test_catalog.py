"""Suites by name or path, and parts of them."""

import pytest

from suture.core.errors import BadFile, UnknownName, UsageError
from suture.suites.catalog import load_suite, load_suites


@pytest.fixture
def own(jsonl, mbpp_row):
    return jsonl(*[mbpp_row(task_id=f"Own/{n}", text=f"Task {n}.") for n in range(10)])


def names(tasks):
    return [task.id.removeprefix("Own/") for task in tasks]


@pytest.mark.parametrize(
    ("part", "chosen"),
    [
        ("0-2", "012"),
        ("3", "3"),
        ("7,1-2, 5", "1257"),
        ("8-9", "89"),
        ("1,1,0-1", "01"),
        ("02", "2"),
        ("0-9/4", "048"),
        ("1-9/3,8", "1478"),
        ("2-3/9", "2"),
    ],
)
def test_a_part_by_ids_keeps_the_suites_own_order(own, part, chosen):
    assert "".join(names(load_suite(f"{own}:{part}"))) == chosen


def test_a_part_by_official_split():
    assert len(load_suite("humaneval:test")) == 164


def test_names_are_known_in_any_case():
    assert load_suite("HumanEval:0-1") == load_suite("humaneval:0-1")


def test_the_first_of_several_suites_comes_first(own):
    assert [task.suite for task in load_suites([f"{own}:1", "humaneval:7"])] == ["own", "humaneval"]


def test_a_task_selected_twice_is_refused(own):
    with pytest.raises(UsageError, match="Own/2 is used twice"):
        load_suites([f"{own}:0-2", f"{own}:2-4"])


@pytest.mark.parametrize("selector", ["humanevel", "humaneval2", "humanevel:1-3", "Humaneva"])
def test_an_unknown_suite_offers_the_nearest(selector):
    with pytest.raises(UnknownName, match="did you mean 'humaneval'"):
        load_suite(selector)


def test_an_unknown_suite_says_that_a_path_may_be_given():
    with pytest.raises(UnknownName, match="extraction, grammar, humaneval, json-repair, livecodebench, mbpp") as caught:
        load_suite("zzz")
    assert ".jsonl" in caught.value.mend


def test_an_unknown_part_offers_the_nearest():
    with pytest.raises(UnknownName, match="did you mean 'test'"):
        load_suite("humaneval:tset")


@pytest.mark.parametrize("part", ["1-", "-3", "a-b", "", "1;2", "1.5", "0-9/0", "0-9/", "3/2", "0-9/-1"])
def test_a_part_that_is_no_ids_is_refused(own, part):
    with pytest.raises(UnknownName, match="unknown part of suite"):
        load_suite(f"{own}:{part}")


@pytest.mark.parametrize("part", ["9-3"])
def test_an_empty_selection_is_refused(part):
    with pytest.raises(UsageError, match="selects no task"):
        load_suite(f"humaneval:{part}")


def test_an_official_suite_may_be_read_from_a_file(jsonl, mbpp_row):
    tasks = load_suite("mbpp", sources={"mbpp": jsonl(mbpp_row(task_id=600))})
    assert [(task.id, task.suite, task.official_split) for task in tasks] == [("MBPP/600", "mbpp", "validation")]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BadFile, match=r"nowhere\.jsonl: no JSON lines here \(No such file"):
        load_suite(str(tmp_path / "nowhere.jsonl"))


def test_a_path_with_a_colon_is_a_path(jsonl, mbpp_row):
    assert load_suite(str(jsonl(mbpp_row(), name="a:1.jsonl")))[0].suite == "a:1"


@pytest.mark.parametrize("part", ["10", "8-99999999999", "3,10"])
def test_an_id_that_is_not_there_is_refused(own, part):
    with pytest.raises(UsageError, match=r"there is no task \d+; they go from 0 to 9"):
        load_suite(f"{own}:{part}")


@pytest.mark.parametrize(
    ("selector", "known"),
    [
        ("humaneval/3", "humaneval"),
        ("humaneval-10:3-4", "humaneval"),
        ("bfcl:simple_python/3", "bfcl:simple_python"),
        ("basics.1", "basics"),
    ],
)
def test_what_follows_a_suite_and_is_no_part_of_it_is_named(selector, known):
    with pytest.raises(UsageError, match=f"{known} is a suite, and ") as caught:
        load_suite(selector)
    assert caught.value.mend == f"{known}:11-20"
    assert len(load_suite(caught.value.mend)) == 10
