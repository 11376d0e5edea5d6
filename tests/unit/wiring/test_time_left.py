"""How long the whole run still takes: nothing before the first answers, then held to what the machine shows."""

import pytest

from suture.core.measure.splits import Split
from suture.core.plan.recipe import Recipe
from suture.wiring.time_left import TimeLeft, expected_seconds

EXPECTED = {"bench": 10.0, "train": 40.0, "gate-bench": 10.0, "gate-repeat baseline 1": 10.0}


def recipe_with(**changes):
    splits = {"repair": 0.5, "holdout": 0.5}
    given = {"name": "r", "model": "m", "base": "b", "suites": ["t.jsonl"], "splits": splits}
    return Recipe.model_validate(given | changes)


def expecting(seconds):
    left = TimeLeft()
    left.expect(seconds)
    return left


def test_nothing_is_said_before_anything_is_known():
    left = expecting(EXPECTED)
    left.begin("check", False, now=0)
    assert left.seconds(0.5, now=1) is None
    left.begin("bench", False, now=5)
    assert left.seconds(0.0, now=6) is None


def test_a_machine_half_as_fast_takes_nearly_twice_as_long():
    left = expecting({"bench": 10.0, "train": 40.0, "gate-bench": 20.0})
    left.begin("bench", False, now=100)
    answers = (10 + 3) / (5 + 3) * 25  # a tenth of 30 s is believed
    training = (10 + 4.5) / (5 + 4.5) * 40  # of which nothing was seen: a tenth of 45 s
    assert left.seconds(0.5, now=110) == pytest.approx(answers + training)
    left.begin("harvest", False, now=120)
    known = (20 + 3) / (10 + 3) * 20 + (20 + 5) / (10 + 5) * 40
    assert left.seconds(0.9, now=121) == pytest.approx(known)
    left.begin("train", False, now=125)
    assert left.seconds(0.0, now=130) == pytest.approx(known)


def test_training_that_is_slower_than_answering_is_believed_for_itself_alone():
    left = expecting({"bench": 10.0, "train": 40.0, "gate-bench": 10.0})
    left.begin("bench", False, now=0)
    left.begin("train", False, now=10)
    assert left.seconds(0.5, now=210) == pytest.approx((200 + 4) / (20 + 4) * 20 + 10)


def test_answers_that_an_earlier_run_left_show_no_pace():
    left = expecting({"bench": 700.0, "train": 40.0, "gate-bench": 700.0})
    left.begin("bench", False, now=0)
    left.begin("train", False, now=3)
    assert left.seconds(0.0, now=4) is None
    said = left.seconds(0.5, now=83)
    assert said is not None
    assert said > 80 + 700, "training is slower than it was to be, and so, for all that is known, are answers"


def test_the_first_answer_of_a_batch_comes_late_and_says_little():
    left = expecting({"bench": 20.0, "train": 77.0, "gate-bench": 20.0})
    left.begin("bench", False, now=0)
    first, half = left.seconds(1 / 60, now=9), left.seconds(33 / 60, now=20)
    assert first is not None
    assert half is not None
    assert first < 2 * half, "nine seconds for one answer of sixty are no nine minutes"


def test_a_machine_that_is_much_slower_is_found_out():
    left = expecting({"bench": 20.0, "train": 80.0})
    left.begin("bench", False, now=0)
    left.begin("train", False, now=200)
    assert left.seconds(0.5, now=600) == pytest.approx(40 * 10, rel=0.15)


def test_what_was_done_before_takes_no_time():
    left = expecting(EXPECTED)
    for stage in ("bench", "train"):
        left.begin(stage, True, now=1)
    left.begin("gate-bench", False, now=1)
    assert left.seconds(0.5, now=6) == pytest.approx(5 + 10)


def test_draws_and_repeats_are_stages_like_others():
    recipe = recipe_with(gate={"draws": 2, "baseline_runs": 2})
    left = expecting(expected_seconds(recipe, {Split.REPAIR.value: 10}))
    left.begin("bench", False, now=0)
    left.begin("draw 1", False, now=10)
    at_first, later = left.seconds(0.1, now=11), left.seconds(0.9, now=11)
    assert at_first is not None
    assert later is not None
    assert later < at_first, "what is drawn is not left"
    left.begin("gate-repeat candidate 1", False, now=20)
    assert left.seconds(1.0, now=21) == 0


def test_a_stage_that_did_not_come_is_not_waited_for():
    left = expecting({"bench": 10.0, "draw 1": 500.0, "train": 40.0})
    left.begin("bench", False, now=0)
    left.begin("train", False, now=10)
    assert left.seconds(0.0, now=10) == pytest.approx(40)


def test_at_the_end_nothing_is_left():
    left = expecting({"bench": 10.0})
    left.begin("bench", False, now=0)
    left.begin("gate", False, now=30)
    assert left.seconds(1.0, now=31) == 0


def test_what_is_expected_follows_the_recipe():
    recipe = recipe_with()
    drawn = {Split.REPAIR.value: 50, Split.HOLDOUT.value: 50}
    few = expected_seconds(recipe, drawn)
    assert few["bench"] == few["gate-bench"] == pytest.approx(33)
    assert few["train"] == pytest.approx(50 * 1.2 * recipe.train.epochs)
    varied = recipe_with(harvest={"variations": 2})
    assert expected_seconds(varied, drawn)["train"] == 3 * few["train"]
    assert expected_seconds(recipe, {split: 2 * count for split, count in drawn.items()})["train"] == 2 * few["train"]
