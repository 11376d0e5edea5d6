"""What a number of tasks can prove: the table of ``suture gate --plan``, and the margin that is chosen for a user."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.core.gate.planning import (
    EACH_TIME,
    LOSSES,
    MARGINS,
    USUALLY,
    WIDEST,
    fair_losses,
    plan_gate,
    smallest_margin,
    tasks_needed,
    tasks_to_tell,
)
from suture.core.gate.statistics import mcnemar, net_loss_bound


def test_the_table_by_another_way():
    """With none lost the bound is ``1 - (a/2) ** (1/n)``; with some, the binomial sum at the margin is a/2 or less."""
    for row in plan_gate().rows:
        for lost, tasks in zip(LOSSES, row.tasks, strict=True):
            enough, too_few = (
                sum(comb(n, k) * row.margin**k * (1 - row.margin) ** (n - k) for k in range(lost + 1))
                for n in (tasks, tasks - 1)
            )
            assert enough <= EACH_TIME / 2 < too_few


def test_two_points_take_217_tasks_with_none_lost_and_404_with_two():
    (row,) = plan_gate(margin=0.02).rows
    assert (row.tasks[0], row.tasks[2]) == (217, 404)


def test_what_a_file_s_tasks_show():
    plan = plan_gate(500)
    assert plan.shows == pytest.approx([net_loss_bound(lost, 0, 500, 0.025) for lost in LOSSES])
    assert [row.margin for row in plan.rows] == list(MARGINS)


@given(st.integers(0, 20), st.integers(0, 6), st.sampled_from([0.01, 0.02, 0.05, 0.2]))
def test_one_task_fewer_does_not_prove_it(lost, gained, margin):
    tasks = tasks_needed(margin, lost, gained, 0.025)
    assert net_loss_bound(lost, gained, tasks, 0.025) <= margin
    assert tasks == max(1, lost + gained) or net_loss_bound(lost, gained, tasks - 1, 0.025) > margin


@pytest.mark.parametrize("changed", range(40))
def test_an_equally_good_candidate_is_let_through_four_times_in_five(changed):
    """And is called worse once in forty at most; the rest is held."""
    most = fair_losses(changed)
    chance = {lost: comb(changed, lost) / 2**changed for lost in range(changed + 1)}
    assert sum(chance[lost] for lost in chance if lost <= most) >= USUALLY
    assert sum(chance[lost] for lost in chance if lost < most) < USUALLY
    worse = {lost for lost in chance if mcnemar(lost, changed - lost) <= EACH_TIME}
    assert sum(chance[lost] for lost in worse) <= EACH_TIME
    assert all(lost > most for lost in worse), "nothing is worse and let through at once"


@given(st.integers(20, 3000), st.integers(0, 60))
def test_the_chosen_margin_lets_through_what_fell_no_more_than_it(tasks, changed):
    changed = min(changed, tasks)
    margin = smallest_margin(tasks, changed, EACH_TIME)
    assert 0 < margin <= WIDEST
    most = fair_losses(changed)
    if margin < WIDEST:
        assert net_loss_bound(most, changed - most, tasks, EACH_TIME) == margin
        if changed > most:
            assert net_loss_bound(most + 1, changed - most - 1, tasks, EACH_TIME) > margin


def test_twenty_tasks_are_the_fewest_that_tell_anything():
    assert tasks_to_tell(EACH_TIME) == 20
    assert net_loss_bound(0, 0, 19, EACH_TIME) > WIDEST >= net_loss_bound(0, 0, 20, EACH_TIME)
