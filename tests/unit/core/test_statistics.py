"""The gate's statistics against scipy, and against their own definitions."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from suture.core.gate.statistics import (
    binomial_cdf,
    flip_rate,
    gains_needed,
    lower_bound,
    majority_error,
    mcnemar,
    mcnemar_mid_p,
    net_loss_bound,
    trials_needed,
    upper_bound,
)

COUNTS = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
CONFIDENCE = st.sampled_from([0.8, 0.9, 0.95, 0.975, 0.99, 0.999])


@given(COUNTS, st.floats(0.001, 0.999))
def test_cdf_is_scipys(counts, rate):
    k, n = counts
    assert binomial_cdf(k, n, rate) == pytest.approx(stats.binom.cdf(k, n, rate), abs=1e-10)


@pytest.mark.parametrize(("k", "rate", "expected"), [(-1, 0.5, 0), (3, 0.5, 1), (0, 0.0, 1), (2, 1.0, 0), (3, 1.0, 1)])
def test_cdf_at_its_ends(k, rate, expected):
    assert binomial_cdf(k, 3, rate) == expected


def test_the_cdf_far_above_the_mean():
    """Where the first terms of the sum are too small for a float."""
    assert binomial_cdf(900, 1000, 0.1) == pytest.approx(1)


@given(COUNTS, CONFIDENCE)
def test_bounds_are_clopper_and_pearsons(counts, confidence):
    k, n = counts
    above = stats.beta.ppf(confidence, k + 1, n - k) if k < n else 1.0
    below = stats.beta.ppf(1 - confidence, k, n - k + 1) if k else 0.0
    assert upper_bound(k, n, confidence) == pytest.approx(above, abs=1e-9)
    assert lower_bound(k, n, confidence) == pytest.approx(below, abs=1e-9)


def test_nothing_tried_bounds_nothing():
    assert (upper_bound(0, 0, 0.95), lower_bound(0, 0, 0.95)) == (1, 0)


def test_a_large_suite_is_no_trouble():
    assert mcnemar(3000, 3010) == pytest.approx(stats.binomtest(3000, 6010, alternative="greater").pvalue)
    assert upper_bound(300, 14042, 0.95) == pytest.approx(stats.beta.ppf(0.95, 301, 13742), abs=1e-9)


def test_59_without_a_loss_certify_5_percent():
    assert trials_needed(0.05, 0.95) == 59
    assert upper_bound(0, 59, 0.95) <= 0.05 < upper_bound(0, 58, 0.95)


@given(st.floats(0.001, 0.5), CONFIDENCE)
def test_trials_needed_are_the_fewest(margin, confidence):
    n = trials_needed(margin, confidence)
    assert upper_bound(0, n, confidence) <= margin
    assert n == 1 or upper_bound(0, n - 1, confidence) > margin


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.975, 0.99])
def test_a_margin_that_is_just_reached_needs_no_more(confidence):
    found = [trials_needed(upper_bound(0, n, confidence), confidence) for n in range(1, 300)]
    assert found == list(range(1, 300))


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_scipys_binomial_test(more, fewer):
    expected = stats.binomtest(more, more + fewer, alternative="greater").pvalue if more + fewer else 1.0
    assert mcnemar(more, fewer) == pytest.approx(expected, abs=1e-12)
    seen = stats.binom.pmf(more, more + fewer, 0.5)
    assert mcnemar_mid_p(more, fewer) == pytest.approx(expected - seen / 2, abs=1e-12)


@given(st.integers(0, 20), st.sampled_from([0.2, 0.05, 0.025, 0.001]))
def test_gains_needed_are_the_fewest(lost, alpha):
    gains = gains_needed(lost, alpha)
    assert mcnemar(gains, lost) <= alpha < mcnemar(gains - 1, lost)


def test_a_p_value_as_large_as_alpha_is_enough():
    assert (gains_needed(0, 0.5), gains_needed(0, 1 / 32), gains_needed(1, 0.05)) == (1, 5, 7)


@given(COUNTS, st.data(), st.sampled_from([0.05, 0.025, 0.01]))
def test_net_loss_bound_rises_with_losses_and_falls_with_gains(counts, data, alpha):
    lost, n = counts
    gained = data.draw(st.integers(0, n - lost))
    bound = net_loss_bound(lost, gained, n, alpha)
    assert bound >= (lost - gained) / n
    if lost:
        assert net_loss_bound(lost - 1, gained, n, alpha) < bound
    if gained:
        assert net_loss_bound(lost, gained - 1, n, alpha) > bound


@pytest.mark.parametrize(("n", "loss", "gain"), [*product([10, 30], [0.05, 0.1, 0.3], [0.0, 0.05, 0.2])])
def test_net_loss_bound_covers_the_truth_as_often_as_it_says(n, loss, gain):
    """Summed over every outcome there is, not sampled."""
    alpha, missed = 0.05, 0.0
    for lost in range(n + 1):
        for gained in range(n + 1 - lost):
            chance = stats.multinomial.pmf([lost, gained, n - lost - gained], n, [loss, gain, 1 - loss - gain])
            if chance > 1e-12 and net_loss_bound(lost, gained, n, alpha) < loss - gain:
                missed += chance
    assert missed <= alpha


@given(st.floats(0, 0.45))
def test_flip_rate_undoes_what_two_measurements_do(rate):
    assert flip_rate(2 * rate * (1 - rate) * 1000, 1000) == pytest.approx(rate, abs=1e-6)


def test_flip_rate_at_its_ends():
    assert (flip_rate(0, 10), flip_rate(5, 10), flip_rate(9, 10)) == (0, 0.5, 0.5)


def test_majority_of_three():
    assert majority_error(0.03, 3) == pytest.approx(3 * 0.03**2 - 2 * 0.03**3)
    assert majority_error(0.25, 1) == pytest.approx(0.25)
