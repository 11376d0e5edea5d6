"""Rows are paired by id and digest, never by place; what cannot be paired is there, marked."""

import pytest
from shown import gated, row

from suture.studio.marks import Mark
from suture.studio.pairing import lone, pair


def marks(pairs):
    return {one.task_id: one.mark for one in pairs}


def test_place_means_nothing():
    before = [row("a", "p"), row("b", "f"), row("c", "p")]
    after = [row("c", "f"), row("a", "p"), row("b", "p")]
    assert marks(pair(before, after)) == {"c": Mark.SLIPPED, "b": Mark.REPAIRED, "a": Mark.KEPT}


@pytest.mark.parametrize(("was", "now", "mark"), [
    ("p", "p", Mark.KEPT), ("p", "t", Mark.SLIPPED), ("f", "p", Mark.REPAIRED), ("f", "s", Mark.FAILING),
    ("x", "p", Mark.FAULT), ("p", "x", Mark.FAULT), ("f", "v", Mark.FAILING),
])  # fmt: skip
def test_outcomes(was, now, mark):
    (one,) = pair([row("a", was)], [row("a", now)])
    assert one.mark is mark


def test_missing_doubled_and_otherwise_asked_tasks_are_shown():
    before = [row("here"), row("twice"), row("twice"), row("asks"), row("gone")]
    after = [row("here"), row("twice"), row("asks", digest="something else"), row("new")]
    pairs = pair(before, after)
    assert marks(pairs) == {
        "gone": Mark.MISSING, "new": Mark.MISSING, "twice": Mark.DOUBLED, "asks": Mark.OTHER, "here": Mark.KEPT,
    }  # fmt: skip
    notes = {one.task_id: one.note for one in pairs}
    assert notes["gone"] == "only before has it"
    assert notes["new"] == "only after has it"
    assert "2 rows before and 1 after" in notes["twice"]
    assert len(pairs) == 5


def test_a_lone_measurement_shows_doubled_ids_too():
    assert [one.mark for one in lone([row("a"), row("a"), row("b", "f"), row("c", "x")])] == [
        Mark.FAULT, Mark.DOUBLED, Mark.DOUBLED, Mark.FAIL,
    ]  # fmt: skip


def test_the_lists_of_a_gate_decide():
    page = gated(["r ppp fpp", "r fpf fff", "r p f", "h f p", "r x p", "r pp pf"])
    found = marks(page.pairs)
    assert found["T/2"] is Mark.LOST
    assert found["T/3"] is Mark.REPAIRED
    assert found["T/4"] is Mark.FAULT
    assert found["T/1"] is Mark.FAILING
    assert "flaky" in next(one.flags for one in page.pairs if one.task_id == "T/1")
    assert next(one.runs for one in page.pairs if one.task_id == "T/0") == ("passed 3 of 3", "passed 2 of 3")


def test_what_needs_eyes_stands_first():
    pairs = pair([row("k"), row("f", "f"), row("l"), row("r", "f")], [row("k"), row("f", "f"), row("l", "f"), row("r")])
    assert [one.task_id for one in pairs] == ["l", "r", "f", "k"]
