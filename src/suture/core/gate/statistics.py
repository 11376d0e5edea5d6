"""Computes the exact binomial statistics that the gate decides with, from the standard library alone.

Every bound holds for any sample size. Where a bound is found by bisection, the end that claims less is returned.
"""

from math import ceil, comb, exp, lgamma, log, log1p, sqrt


def binomial_cdf(successes: int, trials: int, rate: float) -> float:
    """P(X <= ``successes``) for X ~ Binomial(``trials``, ``rate``)."""
    if successes >= trials or rate <= 0:
        return 1.0
    if successes < 0 or rate >= 1:
        return 0.0
    whole, hit, miss = lgamma(trials + 1), log(rate), log1p(-rate)
    total = 0.0
    for k in range(successes, -1, -1):
        term = exp(whole - lgamma(k + 1) - lgamma(trials - k + 1) + k * hit + (trials - k) * miss)
        total += term
        if term < total * 1e-17:  # the terms have one peak: what is left is smaller still
            break
    return min(1.0, total)


def upper_bound(successes: int, trials: int, confidence: float) -> float:
    """One-sided upper confidence bound of a binomial rate (Clopper and Pearson, 1934).

    The rate at which ``successes`` or fewer would be seen with probability 1 - ``confidence``; 1 when nothing was
    tried. With no success it is ``1 - (1 - confidence) ** (1 / trials)``.
    """
    if successes >= trials:
        return 1.0
    if successes == 0:
        return 1 - (1 - confidence) ** (1 / trials)
    low, high = successes / trials, 1.0
    while low < (middle := (low + high) / 2) < high:
        if binomial_cdf(successes, trials, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def lower_bound(successes: int, trials: int, confidence: float) -> float:
    """One-sided lower confidence bound of a binomial rate (Clopper and Pearson, 1934); 0 when nothing was tried."""
    return 1 - upper_bound(trials - successes, trials, confidence)


def trials_needed(margin: float, confidence: float) -> int:
    """Return how many trials without one success bring ``upper_bound`` down to ``margin``: 59 for 5% at 95%."""
    needed = ceil(log(1 - confidence) / log1p(-margin)) - 1  # one fewer, in case of rounding
    while upper_bound(0, needed, confidence) > margin:
        needed += 1
    return needed


def net_loss_bound(lost: int, gained: int, tasks: int, alpha: float) -> float:
    """Upper confidence bound, at level 1 - ``alpha``, of how much a pass rate fell between two paired measurements.

    The loss rate's upper bound less the gain rate's lower bound, each with half of ``alpha`` (Bonferroni): exact for
    any number of tasks, and conservative.
    """
    each = 1 - alpha / 2
    return upper_bound(lost, tasks, each) - lower_bound(gained, tasks, each)


def mcnemar(more: int, fewer: int) -> float:
    """One-sided exact McNemar test (1947): P(X >= ``more``) for X ~ Binomial(``more`` + ``fewer``, 1/2)."""
    changed = more + fewer
    term, total = comb(changed, more), 0
    for k in range(more, changed + 1):
        total += term
        term = term * (changed - k) // (k + 1)
    return total / 2**changed


def mcnemar_mid_p(more: int, fewer: int) -> float:
    """Compute ``mcnemar`` with half the weight on what was seen (Lancaster, 1961): less conservative, not exact."""
    changed = more + fewer
    return mcnemar(more, fewer) - comb(changed, more) / 2 ** (changed + 1)


def gains_needed(lost: int, alpha: float) -> int:
    """The fewest gains that make ``mcnemar(gains, lost)`` at most ``alpha``."""
    gains = lost
    while mcnemar(gains, lost) > alpha:
        gains += 1
    return gains


def flip_rate(flips: int, pairs: int) -> float:
    """Estimate how often one measurement of a task goes the wrong way, from how often two of them differ.

    Two independent measurements differ at rate ``2f(1 - f)``.
    """
    return (1 - sqrt(max(0.0, 1 - 2 * flips / pairs))) / 2


def majority_error(rate: float, repeats: int) -> float:
    """Chance that most of ``repeats`` (odd) measurements go the wrong way, each at ``rate``."""
    return 1 - binomial_cdf(repeats // 2, repeats, rate)
