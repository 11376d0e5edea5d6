"""Who is asked next: Thompson sampling by its own chances, so that each choice knows the chance it was made with.

A policy that was right ``good`` times and wrong ``bad`` times is right with a probability distributed as
Beta(1 + good, 1 + bad). Thompson sampling asks it as often as it is the best under these (Thompson, 1933); with
discounted counts it goes on trying what it has not asked for long (Qi et al., 2025, arXiv 2305.10718). The chances are
computed, and then one number is drawn, which is the same as drawing from each and asking the largest.
"""

from collections.abc import Sequence
from math import exp, log, log1p
from typing import NamedTuple

from suture.core.measure.steering.settings import By, SteeringSettings

CELLS = 512
"""Into which the probabilities from 0 to 1 are cut."""
SHARPNESS = 32
"""The power of conductance that policies are asked by, where it steers."""
_LOGS = [(log((k + 0.5) / CELLS), log1p(-(k + 0.5) / CELLS)) for k in range(CELLS)]


class Shares(NamedTuple):
    """The chance of each policy to be asked, and of none of them: then the fallback answers. They sum to one."""

    policies: tuple[float, ...]
    fallback: float


def chances(counts: Sequence[tuple[float, float]]) -> tuple[float, ...]:
    """The chance of each to be the best of all, by counts of right and wrong answers. They sum to one."""
    if len(counts) == 1:
        return (1.0,)
    masses = [_masses(good, bad) for good, bad in counts]
    below = [0.0] * len(counts)
    best = [0.0] * len(counts)
    for cell in range(CELLS):
        half = [low + mass[cell] / 2 for low, mass in zip(below, masses, strict=True)]
        for one, mass in enumerate(masses):
            chance = mass[cell]
            for other, at_most in enumerate(half):
                if other != one:
                    chance *= at_most
            best[one] += chance
        below = [low + mass[cell] for low, mass in zip(below, masses, strict=True)]
    total = sum(best)
    return tuple(one / total for one in best)


def shares(
    counts: Sequence[tuple[float, float]], conductances: Sequence[float], steering: SteeringSettings, floor: float
) -> Shares:
    """How often each policy is asked.

    One whose conductance is below ``floor`` has an open circuit and gets `retry`, which is how it can close again.
    The others share the rest by their chances, each at least `least`; where there is none, the fallback has the rest.

    Args:
        floor: 0 where nobody could answer in their place.
    """
    closed = [at for at, one in enumerate(conductances) if one >= floor]
    opened = len(counts) - len(closed)
    retrying = min(steering.retry, 0.5 / opened) if opened else 0.0
    rest = 1.0 - retrying * opened
    found = [retrying] * len(counts)
    if closed:
        part = min(steering.least, 0.5 / len(closed))
        among = _among([counts[at] for at in closed], [conductances[at] for at in closed], steering)
        for at, chance in zip(closed, among, strict=True):
            found[at] = rest * (part + (1.0 - part * len(closed)) * chance)
    return Shares(tuple(found), 0.0 if closed else rest)


def chosen(found: Shares, drawn: float) -> int | None:
    """Whose share the number that was drawn lies in: a place, or None for the fallback."""
    at = 0.0
    for place, share in enumerate(found.policies):
        at += share
        if drawn < at:
            return place
    return None if found.fallback > 0 else max(range(len(found.policies)), key=found.policies.__getitem__)


def _among(
    counts: Sequence[tuple[float, float]], conductances: Sequence[float], steering: SteeringSettings
) -> tuple[float, ...]:
    if steering.by is By.THOMPSON:
        return chances([(steering.sure * good, steering.sure * bad) for good, bad in counts])
    most = max(conductances)
    powers = [(one / most) ** SHARPNESS for one in conductances]
    return tuple(one / sum(powers) for one in powers)


def _masses(good: float, bad: float) -> list[float]:
    """Of Beta(1 + good, 1 + bad) in each cell."""
    logs = [good * low + bad * high for low, high in _LOGS]
    most = max(logs)
    masses = [exp(one - most) for one in logs]
    total = sum(masses)
    return [one / total for one in masses]
