"""Which measurements are due again, and what several say together."""

import pytest
from sheets import both_sides

from suture.core.gate.repeats import Noise, Runs, due, noise_of, noise_risk, repeats_for, runs_of
from suture.core.gate.rules import GateRules
from suture.core.measure.verdict import Outcome


def due_of(*tasks, **rules):
    return tuple(sorted(ids) for ids in due(*both_sides(tasks), GateRules(**rules)))


def test_an_anchor_is_measured_twice_on_the_baseline():
    assert due_of("r p p", "r f f") == (["T/0"], [])
    assert due_of("r pp p", "r f f") == ([], [])
    assert due_of("r pp p", baseline_runs=3) == (["T/0"], [])
    assert due_of("r p p", baseline_runs=1) == ([], [])


def test_a_disagreement_is_measured_until_one_outcome_has_the_majority():
    assert due_of("r f p") == (["T/0"], ["T/0"])
    assert due_of("r ff p") == ([], ["T/0"])
    assert due_of("r ff pp") == ([], [])
    assert due_of("r ff pf") == ([], ["T/0"])
    assert due_of("r ff pfp") == ([], [])
    assert due_of("r ff pp", repeats=5) == (["T/0"], ["T/0"])
    assert due_of("r f p", repeats=1, max_repeats=1) == ([], [])
    assert due_of("r f pf", repeats=1, max_repeats=1) == ([], ["T/0"])


def test_a_baseline_that_disagrees_with_itself_is_a_disagreement():
    assert due_of("r pf p", max_repeats=3) == (["T/0"], ["T/0"])
    assert due_of("r pfp p", max_repeats=3) == ([], ["T/0"])
    assert due_of("r pfp pp", max_repeats=3) == ([], [])


def test_kept_anchors_are_measured_twice_where_the_baseline_is_noisy():
    noisy = ["r pfp pp"]
    assert due_of(*noisy, "r pp p", max_repeats=3) == ([], ["T/1"])
    assert due_of(*noisy, "r pp pp", max_repeats=3) == ([], [])
    assert due_of(*noisy, "r ff f", max_repeats=3) == ([], [])


def test_a_noisy_baseline_takes_more_runs_of_a_disagreement():
    noisy = [*["r pp pp"] * 20, "r pffpp pppp", "r pffpp pppp"]
    assert due_of(*noisy, "r ff pp", max_repeats=5) == (["T/22"], ["T/22"])
    assert due_of(*noisy, "r ff pp", max_repeats=3) == ([], [])


def test_a_task_without_a_verdict_is_not_asked_again():
    assert due_of("r x p", "r p x", "r xf f") == (["T/1"], [])
    assert due_of("r pp x", "r xx p", "r fx p") == ([], [])


@pytest.mark.parametrize(
    ("runs", "outcome", "always", "mixed", "told"),
    [
        (Runs(2, 1), Outcome.PASS, False, True, "passed 2 of 3"),
        (Runs(1, 2), Outcome.FAIL, False, True, "passed 1 of 3"),
        (Runs(1, 1), None, False, True, "passed 1 of 2"),
        (Runs(2, 0), Outcome.PASS, True, False, "passed 2 of 2"),
        (Runs(0, 1), Outcome.FAIL, False, False, "passed 0 of 1"),
        (Runs(2, 0, 1), Outcome.FAULT, False, False, "passed 2 of 3"),
    ],
)
def test_runs_together(runs, outcome, always, mixed, told):
    assert (runs.outcome, runs.always_passed, runs.mixed, str(runs)) == (outcome, always, mixed, told)
    assert runs.total == sum((runs.passed, runs.failed, runs.faulted))


def test_runs_are_counted_over_all_sheets():
    before, _ = both_sides(["r pfx p", "r s p", "r xp p"])
    assert runs_of(before) == {"T/0": Runs(1, 1, 1), "T/1": Runs(0, 1), "T/2": Runs(1, 0, 1)}


def test_noise_is_told_by_the_first_two_measurements():
    before, after = both_sides(["r pp p", "r ppf p", "r pf p", "r fp p", "r f p", "r px p", "r xx p"])
    assert noise_of(before) == Noise(flips=4, pairs=6)
    assert noise_of(after) is None


def test_noise_and_what_it_may_do():
    assert Noise(flips=0, pairs=100).rate == 0
    assert Noise(flips=18, pairs=100).rate == pytest.approx(0.1)
    assert noise_risk(Noise(flips=18, pairs=100), 10, 3) == pytest.approx(10 * (3 * 0.01 - 2 * 0.001))
    assert noise_risk(Noise(flips=50, pairs=100), 10, 3) == 1


def test_a_risk_as_large_as_alpha_is_taken():
    noise = Noise(flips=18, pairs=100)
    alpha = noise_risk(noise, 2, 3)
    assert repeats_for(noise, 2, GateRules(alpha=alpha)) == 3


@pytest.mark.parametrize(
    ("noise", "tasks", "rules", "repeats"),
    [
        (None, 100, {}, 3),
        (Noise(flips=0, pairs=9), 10**6, {}, 3),
        (Noise(flips=18, pairs=100), 1, {}, 3),
        (Noise(flips=18, pairs=100), 2, {}, 5),
        (Noise(flips=18, pairs=100), 2, {"alpha": 0.056}, 3),
        (Noise(flips=18, pairs=100), 2, {"alpha": 0.055}, 5),
        (Noise(flips=18, pairs=100), 100, {}, 9),
        (Noise(flips=18, pairs=100), 100, {"max_repeats": 7}, 7),
        (Noise(flips=18, pairs=100), 100, {"repeats": 1, "max_repeats": 1}, 1),
    ],
)
def test_repeats_needed(noise, tasks, rules, repeats):
    assert repeats_for(noise, tasks, GateRules(**rules)) == repeats
