from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.core.model.scaling import ScaleTrial, choose, fewest_lost, lines_schedule


def test_lines_by_hand():
    assert lines_schedule(0.25, 0.5, 3) == (0.25, 0.5, 0.75)
    assert lines_schedule(0.25, 0.5, 1) == (0.25,)


@given(st.floats(0, 1), st.integers(2, 40))
def test_from_the_first_layers_part_to_all_in_even_steps(first, layers):
    factors = lines_schedule(first, 1 - first, layers)
    assert (factors[0], factors[-1]) == (first, pytest.approx(1))
    steps = [b - a for a, b in pairwise(factors)]
    assert steps == pytest.approx([steps[0]] * len(steps), abs=1e-9)


def trial(kept, repaired, scale=1.0, **changes):
    return ScaleTrial(scale=scale, anchors=9, kept=kept, failures=20, repaired=repaired, **changes)


@pytest.mark.parametrize(
    ("trials", "best"),
    [
        ([trial(8, 12), trial(9, 5), trial(9, 7, 0.5)], 2),
        ([trial(7, 12), trial(8, 1)], 1),
        ([trial(9, 5, 1.0), trial(9, 5, 0.5), trial(9, 5, 0.5, first_layer=0.5)], 2),
        ([trial(9, 5, step=20), trial(9, 5, step=10)], 1),
    ],
)
def test_the_largest_repair_that_loses_no_anchor_and_moves_the_model_least(trials, best):
    assert choose(trials).best == trials[best]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 20)), min_size=1))
def test_no_other_loses_fewer_and_none_that_loses_as_few_repairs_more(pairs):
    trials = [trial(*pair) for pair in pairs]
    best = choose(trials).best
    assert best.lost == min(t.lost for t in trials)
    assert best.repaired == max(t.repaired for t in trials if t.lost == best.lost)


ways = st.tuples(st.sampled_from((None, 10, 20)), st.sampled_from((1.0, 0.5)), st.sampled_from((0.25, 0.5, 0.75, 1.0)))
"""Step, first layer, scale."""


@given(st.dictionaries(ways, st.tuples(st.integers(0, 9), st.integers(0, 20)), min_size=1))
def test_asking_failures_only_where_the_fewest_anchors_are_lost_chooses_the_same(table):
    asked_all = [trial(*pair, scale, step=step, first_layer=first) for (step, first, scale), pair in table.items()]
    anchors_only = [each.model_copy(update={"failures": 0, "repaired": 0}) for each in asked_all]
    left = fewest_lost(anchors_only)
    asked = [full if part in left else part for full, part in zip(asked_all, anchors_only, strict=True)]
    assert choose(asked).best == choose(asked_all).best
