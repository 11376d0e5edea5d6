"""Tasks that resemble tasks of suites that Suture knows are named with their twins."""

import pytest
from kinds import own

from suture.suites.catalog import load_suite
from suture.wiring.overlap import overlap
from suture.wiring.suites_at_hand import AtHand

pytestmark = pytest.mark.usefixtures("suites_at_hand_once")

TOOL = {"name": "get_rain", "parameters": {"type": "object", "properties": {"town": {"type": "string"}}}}
OTHER = {"name": "get_snow", "parameters": TOOL["parameters"]}
LONG = "A baker sells nine kinds of bread and every morning counts how many loaves of each are left over"
CODE = "def f(rows):\n    total = 0\n    for row in rows:\n        total += row.price * row.count\n    return total\n"


def task(kind="text", check=None, **row):
    number = row.pop("id", "own/1")
    return own(kind, check or {"exact": "x"}, **row).model_copy(update={"id": number})


def calls(prompt, tool, **row):
    return task("tool-calls", {"calls": [{"name": tool["name"], "arguments": {}}]}, prompt=prompt, tools=[tool], **row)


def python(name, reference, prompt="Write it.", **row):
    check = {"entry_point": name, "tests": {"kind": "assertions", "statements": ["assert True"]}}
    return task("python", check, prompt=prompt, reference=reference, **row)


def known(*tasks):
    return AtHand(
        [each.model_copy(update={"suite": "official", "origin": "package"}) for each in tasks], ["official"], []
    )


@pytest.mark.parametrize(
    ("new", "old", "how"),
    [
        (task(prompt="Capital of PERU? "), task(id="o/1", prompt="capital of Peru"), "the question"),
        (calls("Rain in Bern?", TOOL), calls("Does it rain?", TOOL, id="o/1"), "the function"),
        (python("add_up", "1", "One."), python("addUp", "2", "Two.", id="o/1"), "the function"),
        (task(prompt=f"{LONG}. Why?"), task(id="o/1", prompt=f"Listen: {LONG}"), "words"),
        (python("one_name", CODE, "One."), python("another", CODE, "Two.", id="o/1"), "code"),
    ],
)
def test_what_two_tasks_share_is_said(new, old, how):
    (twin,) = overlap([new], known=known(old)).twins
    assert (twin.task_id, twin.twin, twin.suite, twin.how) == ("own/1", "o/1", "official", how)


@pytest.mark.parametrize(
    ("new", "old"),
    [
        (task(prompt="Capital of Peru?"), task(id="o/1", prompt="Capital of Chile?")),
        (calls("Rain in Bern?", TOOL), calls("Snow?", OTHER, id="o/1")),
        (python("f", "1", "One."), python("f", "2", "Two.", id="o/1")),
        (calls("Rain?", TOOL), python("get_rain", "2", "Two.", id="o/1")),
        (task(prompt="One.", reference=CODE), python("another", CODE, "Two.", id="o/1")),
    ],
)
def test_what_only_looks_alike_is_not_named(new, old):
    assert overlap([new], known=known(old)).twins == []


def test_wording_that_a_whole_suite_shares_is_no_resemblance():
    many = [task(id=f"o/{n}", prompt=f"{LONG}. Number {n} is {'abcdefghijklmnopqrstuvwxyz'[n]}.") for n in range(25)]
    assert overlap([task(prompt=f"{LONG}. And why?")], known=known(*many)).twins == []
    assert overlap([task(prompt=f"{LONG}. And why?")], known=known(*many[:5])).twins


def test_a_suite_is_not_compared_with_itself():
    assert not overlap(load_suite("extraction:0-9")).twins
    suite = load_suite("json-repair:0-9")
    assert [twin.how for twin in overlap([t.model_copy(update={"origin": "mine.jsonl"}) for t in suite]).twins] == [
        "the question"
    ] * 10


def test_leaks_between_the_categories_of_bfcl_are_seen():
    twins = overlap(load_suite("bfcl:multiple")).twins
    assert sum(twin.how == "the question" and twin.suite == "bfcl:simple_python" for twin in twins) >= 100
