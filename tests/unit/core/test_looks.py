"""What looking costs, and which held-out set a model is held to."""

from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.core.errors import StaleEvidence
from suture.core.gate.looks import HeldOutShowing, already_recorded, first_look, look_at, price, require_pinned


def trial(candidate, *, holdout="h", evidence="e", model="m"):
    return HeldOutShowing(holdout=holdout, candidate=candidate, evidence=evidence, model=model, tasks=41, at="now")


@given(st.floats(0.001, 0.5), st.integers(1, 200))
def test_the_looks_never_spend_more_than_there_is(alpha, looks):
    spent = fsum(price(alpha, number) for number in range(1, looks + 1))
    assert spent == pytest.approx(alpha - alpha / (looks + 1))
    assert spent < alpha


def test_each_candidate_is_one_look():
    trials = [trial("a"), trial("other set", holdout="x"), trial("b"), trial("c")]
    looks = [look_at(trials, t, 0.05) for t in trials]
    assert [look.number for look in looks] == [1, 1, 2, 3]
    assert [look.again for look in looks] == [False] * 4
    assert looks[3].alpha == pytest.approx(0.05 / 12)
    assert looks[3].left == pytest.approx(0.05 / 4)
    assert looks[0] == first_look("h", 0.05)


def test_the_same_measurement_is_the_same_look():
    trials = [trial("a"), trial("b")]
    assert look_at(trials, trial("a"), 0.05).number == 1


def test_a_candidate_measured_again_is_another_look_and_is_told():
    trials = [trial("a"), trial("b"), trial("a", evidence="again")]
    look = look_at(trials, trials[2], 0.05)
    assert (look.number, look.again) == (3, True)
    assert look_at(trials, trials[0], 0.05).again is False


def test_a_measurement_under_two_models_is_one_look():
    trials = [trial("a", model=None), trial("a"), trial("b")]
    assert [look_at(trials, t, 0.05).number for t in trials] == [1, 1, 2]
    assert not any(look_at(trials, t, 0.05).again for t in trials)


def test_what_need_not_be_told_again():
    trials = [trial("a", model=None), trial("b")]
    assert already_recorded(trials, trial("a", model=None))
    assert already_recorded(trials, trial("b"))
    assert already_recorded(trials, trial("a")), "its model is held to this set already"
    assert not already_recorded(trials, trial("c"))
    assert not already_recorded(trials, trial("b", evidence="again"))
    assert not already_recorded(trials, trial("b", holdout="x"))
    assert not already_recorded(trials, trial("a", model="other"))
    assert not already_recorded([*trials, trial("c", holdout="x")], trial("b")), "it is held to another set since"


def test_a_model_is_held_to_its_set():
    trials = [trial("a"), trial("b", holdout="x", model="other")]
    require_pinned(trials, "m", "h", fresh=False)
    require_pinned(trials, "new model", "anything", fresh=False)
    require_pinned(trials, "new model", None, fresh=False)
    with pytest.raises(StaleEvidence, match=r"pinned to 41 held-out tasks \(h\), and here it is another set \(x\)"):
        require_pinned(trials, "m", "x", fresh=False)
    with pytest.raises(StaleEvidence, match="here it is none") as refused:
        require_pinned(trials, "m", None, fresh=False)
    assert refused.value.mend == (
        "keep the splits of the earlier repair, or say that others are meant: gate: {fresh_holdout: true} in a recipe, "
        "or suture gate --fresh-holdout"
    )


def test_digests_are_told_in_twelve_digits():
    with pytest.raises(StaleEvidence, match=r"\(a{12}\), and here it is another set \(b{12}\)"):
        require_pinned([trial("a", holdout="a" * 64)], "m", "b" * 64, fresh=False)


def test_a_fresh_set_is_taken_when_it_is_meant_and_pins_from_then_on():
    trials = [trial("a")]
    require_pinned(trials, "m", "x", fresh=True)
    trials.append(trial("b", holdout="x"))
    require_pinned(trials, "m", "x", fresh=False)
    with pytest.raises(StaleEvidence):
        require_pinned(trials, "m", "h", fresh=False)
