"""Proves what the counts of one gate allow: a bound on the anchors lost, and a test of the held-out change."""

from math import ceil

from pydantic import Field

from suture.core.frozen import Frozen
from suture.core.gate.rules import GateRules
from suture.core.gate.statistics import (
    gains_needed,
    mcnemar,
    mcnemar_mid_p,
    net_loss_bound,
    trials_needed,
    upper_bound,
)


def at_most(share: float) -> str:
    """A bound in per cent, rounded away from what was shown: 0.0804 is at most 8.1%."""
    return f"{ceil(round(1000 * share, 6)) / 10:.1f}%"


class AnchorBound(Frozen):
    """The anchor loss rate, bounded from above at ``confidence`` (one-sided Clopper-Pearson).

    Attributes:
        bound: what these anchors prove.
        margin: the largest loss allowed.
        needed: anchors that, with none lost, prove that the margin holds.
        budget: the largest loss rate that is let through, where the rules name one.
    """

    anchors: int
    lost: int
    confidence: float
    margin: float
    bound: float
    needed: int
    budget: float | None = Field(default=None, exclude_if=lambda value: value is None)

    @property
    def certified(self) -> bool:
        return self.bound <= self.margin

    @property
    def within_budget(self) -> bool:
        """Whether what was lost is let through; where the rules name no budget, nothing is."""
        return self.budget is not None and self.bound <= self.budget

    @property
    def asked(self) -> float:
        """The largest loss rate that is let through, or that is promised where nothing may be lost."""
        return self.margin if self.budget is None else self.budget

    @property
    def holds(self) -> bool:
        """Whether what was asked is shown: the bound is within it, and what was lost is let through."""
        return self.bound <= self.asked and (not self.lost or self.within_budget)

    def may_be_within_budget(self, undecided: int) -> bool:
        """``within_budget``, were so many tasks without a verdict anchors that were kept: a fault rejects nothing."""
        if self.budget is None:
            return False
        return upper_bound(self.lost, self.anchors + undecided, self.confidence) <= self.budget

    @property
    def says(self) -> str:
        told = (
            f"anchors: {self.lost} of {self.anchors} lost, so the loss rate is at most {at_most(self.bound)} "
            f"({self.confidence:.0%} confidence)"
        )
        if self.lost and self.budget is None:
            return f"{told}; none of them may be lost"
        if self.lost:
            return f"{told}; {'within' if self.within_budget else 'over'} the budget of {self.asked:.1%}"
        word = "promise" if self.budget is None else "budget"
        if self.holds:
            return f"{told}; {'promised' if self.budget is None else word}: {self.asked:.1%}"
        settles = _certifies(self.enough, self.asked, self.anchors)
        return f"{told}. The {word} of {self.asked:.1%} is not proved: {settles}"

    @property
    def enough(self) -> int:
        """Anchors that, with none lost, prove what was asked."""
        return trials_needed(self.asked, self.confidence)

    @property
    def settles(self) -> str:
        return _certifies(self.needed, self.margin, self.anchors)


def _certifies(needed: int, share: float, anchors: int) -> str:
    return f"{needed} anchors with no loss certify {share:.1%}; you have {anchors}"


class HeldOutChange(Frozen):
    """The held-out tasks before and after, each task its own control.

    Attributes:
        open: tasks without a verdict on both sides.
        bound: how much of the pass rate was lost, at most, at level 1 - ``alpha``.
        achievable: that bound if no task had changed.
        needed: held-out tasks that, with no change, prove the margin.
        loss_p, gain_p: one-sided exact McNemar tests; ``loss_p`` counts open tasks as gained. ``gain_mid_p`` is noted
            and decides nothing.
    """

    tasks: int
    lost: int
    gained: int
    open: int
    alpha: float
    margin: float
    bound: float
    achievable: float
    needed: int
    loss_p: float
    gain_p: float
    gain_mid_p: float

    @property
    def certified(self) -> bool:
        return self.bound <= self.margin

    @property
    def not_worse(self) -> bool:
        """Within the margin, or as far within reach of it as so few tasks can show."""
        return self.bound <= max(self.margin, self.achievable)

    @property
    def worse(self) -> bool:
        return self.loss_p <= self.alpha

    @property
    def better(self) -> bool:
        return self.gain_p <= self.alpha

    @property
    def says(self) -> str:
        told = (
            f"held out: {self.gained} gained and {self.lost} lost of {self.tasks}, so the pass rate fell by at most "
            f"{at_most(max(0.0, self.bound))} ({1 - self.alpha:.2%} confidence); "
            f"gain: exact McNemar p = {self.gain_p:.3g} (mid-p {self.gain_mid_p:.3g})"
        )
        if self.certified:
            return f"{told}; margin: {self.margin:.1%}"
        return f"{told}. The margin of {self.margin:.1%} is not proved: {self.settles}"

    @property
    def settles(self) -> str:
        return (
            f"{self.needed} held-out tasks with no loss certify {self.margin:.1%} at this look; you have {self.tasks}"
        )

    @property
    def settles_gain(self) -> str:
        return f"{gains_needed(self.lost, self.alpha)} gained with {self.lost} lost would show a gain at this look"


def bound_anchors(anchors: int, lost: int, rules: GateRules) -> AnchorBound:
    return AnchorBound(
        anchors=anchors,
        lost=lost,
        confidence=rules.confidence,
        margin=rules.margin,
        bound=upper_bound(lost, anchors, rules.confidence),
        needed=trials_needed(rules.margin, rules.confidence),
        budget=rules.loss_budget,
    )


def held_out_change(
    tasks: int, *, lost: int, gained: int, still_open: int, alpha: float, rules: GateRules
) -> HeldOutChange:
    """``alpha``: what this look may spend. ``tasks`` counts those that are still open too."""
    return HeldOutChange(
        tasks=tasks,
        lost=lost,
        gained=gained,
        open=still_open,
        alpha=alpha,
        margin=rules.holdout_margin,
        bound=net_loss_bound(lost, gained, tasks, alpha),
        achievable=net_loss_bound(0, 0, tasks, alpha),
        needed=trials_needed(rules.holdout_margin, 1 - alpha / 2),
        loss_p=mcnemar(lost, gained + still_open),
        gain_p=mcnemar(gained, lost),
        gain_mid_p=mcnemar_mid_p(gained, lost),
    )
