"""Computes, before and after a measurement, what a number of tasks can prove."""

from collections.abc import Callable

from suture.core.frozen import Frozen
from suture.core.gate.statistics import binomial_cdf, net_loss_bound, upper_bound

EACH_TIME = 0.025
"""What one statement may be wrong, where looks are not counted: with one in each direction, 5% in all."""
MARGINS = (0.10, 0.05, 0.03, 0.02, 0.01)
LOSSES = (0, 1, 2, 5, 10)
USUALLY = 0.8
"""How often an equally good candidate is to be let through by the margin that is chosen for it."""
WIDEST = 0.20
"""A fall of more than this is called "no worse" by nobody: tasks that cannot show less show nothing."""


class PlanRow(Frozen):
    """Attributes:
    margin: how far the pass rate may have fallen.
    tasks: how many are needed to prove it, for each of ``LOSSES``, with nothing gained.
    """

    margin: float
    tasks: tuple[int, ...]


class GatePlan(Frozen):
    """Attributes:
    alpha: the chance that one such statement is wrong.
    yours: how many tasks there are, where that is known; ``shows`` is what they prove, for each of ``LOSSES``.
    """

    alpha: float
    rows: tuple[PlanRow, ...]
    losses: tuple[int, ...] = LOSSES
    yours: int | None = None
    shows: tuple[float, ...] = ()


def plan_gate(tasks: int | None = None, margin: float | None = None, *, alpha: float = EACH_TIME) -> GatePlan:
    """Say how many tasks prove a margin, and what ``tasks`` of them prove."""
    margins = MARGINS if margin is None else (margin,)
    rows = tuple(PlanRow(margin=m, tasks=tuple(tasks_needed(m, lost, 0, alpha) for lost in LOSSES)) for m in margins)
    shows = () if tasks is None else tuple(net_loss_bound(lost, 0, max(tasks, 1), alpha) for lost in LOSSES)
    return GatePlan(alpha=alpha, rows=rows, yours=tasks, shows=shows)


def tasks_needed(margin: float, lost: int, gained: int, alpha: float) -> int:
    """The fewest tasks that, with so many lost and gained among them, prove that the pass rate fell by at most
    ``margin``."""

    def proves(tasks: int) -> bool:
        return net_loss_bound(lost, gained, tasks, alpha) <= margin

    return _first(max(1, lost + gained), proves)


def losses_allowed(anchors: int, budget: float, confidence: float) -> int:
    """The most of these anchors that may be lost within a loss budget; 0 where even none lost would not prove it, since
    nothing lost is never too much."""
    return max(0, _first(1, lambda lost: lost > anchors or upper_bound(lost, anchors, confidence) > budget) - 1)


def smallest_margin(tasks: int, changed: int, alpha: float) -> float:
    """The smallest margin that these tasks can prove for an equally good candidate that changes so many of them.

    Each change of such a candidate is a loss or a gain as a coin falls, so it has at most ``fair_losses`` in
    ``USUALLY`` of all cases.
    """
    lost = fair_losses(changed)
    return min(WIDEST, net_loss_bound(lost, changed - lost, tasks, alpha))


def fair_losses(changed: int) -> int:
    """The fewest heads that a fair coin does not exceed in ``USUALLY`` of all series of ``changed`` throws."""
    return next(lost for lost in range(changed + 1) if binomial_cdf(lost, changed, 0.5) >= USUALLY)


def tasks_to_tell(alpha: float) -> int:
    """The fewest tasks that can show, with no change at all, that the pass rate fell by at most ``WIDEST``."""
    return tasks_needed(WIDEST, 0, 0, alpha)


def _first(least: int, holds: Callable[[int], bool]) -> int:
    """The smallest number from ``least`` on of which ``holds`` is true, for one that stays true."""
    low, high = least - 1, least
    while not holds(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
