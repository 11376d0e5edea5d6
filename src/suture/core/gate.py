"""Promote, reject or hold: a pure function of two scoreboards.

Strict: one protected anchor lost rejects. A fault proves nothing either way, so it can only hold.
"""

from enum import StrEnum

from pydantic import Field, model_validator

from suture.core.frozen import Frozen
from suture.core.scoreboard import Scoreboard, Tally, require_comparable
from suture.core.splits import Split
from suture.core.verdict import FORMAT_REASONS


class Decision(StrEnum):
    PROMOTE = "promote"
    REJECT = "reject"
    HOLD = "hold"


class GateRules(Frozen):
    """``min_repaired``: a candidate that repairs fewer tasks is held. Held-out tasks do not count: nothing is chosen on
    them."""

    min_repaired: int = Field(default=1, ge=0)


class SplitRow(Frozen):
    """One line of the table of numbers. ``split`` is "all" for a suite as a whole."""

    suite: str
    split: str
    before: Tally
    after: Tally

    @property
    def delta(self) -> int:
        return self.after.passed - self.before.passed


class GateReport(Frozen):
    """Attributes:
    protected: ids of the tasks the baseline passed, all of which the candidate must pass.
    lost: protected ids the candidate fails.
    lost_format: the part of ``lost`` that failed in form (no code, cut off, syntax), not in skill.
    repaired: ids the baseline failed and the candidate passes.
    faulted: ids without a verdict on either side.
    reasons: why this decision, for people, most important first.
    """

    schema_version: int = 1
    decision: Decision
    reasons: tuple[str, ...]
    baseline_pack: str
    candidate_pack: str
    baseline: str
    candidate: str
    """Digests of the two scoreboards."""
    protected: tuple[str, ...]
    kept: tuple[str, ...]
    lost: tuple[str, ...]
    lost_format: tuple[str, ...]
    repaired: tuple[str, ...]
    faulted: tuple[str, ...]
    rows: tuple[SplitRow, ...]

    @model_validator(mode="after")
    def _decision_fits_the_lists(self) -> "GateReport":
        if self.decision is Decision.PROMOTE and (self.lost or self.faulted):
            raise ValueError("a report that promotes has nothing lost and nothing faulted")
        return self


def gate(baseline: Scoreboard, candidate: Scoreboard, rules: GateRules | None = None) -> GateReport:
    """Decide whether ``candidate`` may replace ``baseline``.

    Raises:
        UsageError: the scoreboards are not comparable.
    """
    require_comparable(baseline, candidate)
    rules = rules or GateRules()
    before, after = baseline.by_task, candidate.by_task
    protected = baseline.passed
    faulted = tuple(t for t in before if before[t].verdict.faulted or after[t].verdict.faulted)
    judged = [t for t in before if t not in set(faulted)]
    lost = tuple(t for t in judged if before[t].verdict.passed and not after[t].verdict.passed)
    repaired = tuple(t for t in judged if not before[t].verdict.passed and after[t].verdict.passed)
    gained = sum(before[t].split is not Split.HOLDOUT for t in repaired)
    decision, reasons = _decide(protected, lost, repaired, gained, faulted, rules=rules)
    return GateReport(
        decision=decision,
        reasons=reasons,
        baseline_pack=baseline.pack,
        candidate_pack=candidate.pack,
        baseline=baseline.digest,
        candidate=candidate.digest,
        protected=protected,
        kept=tuple(t for t in protected if after[t].verdict.passed),
        lost=lost,
        lost_format=tuple(t for t in lost if after[t].verdict.reason in FORMAT_REASONS),
        repaired=repaired,
        faulted=faulted,
        rows=_rows(baseline, candidate),
    )


def _decide(
    protected: tuple[str, ...],
    lost: tuple[str, ...],
    repaired: tuple[str, ...],
    gained: int,
    faulted: tuple[str, ...],
    *,
    rules: GateRules,
) -> tuple[Decision, tuple[str, ...]]:
    if lost:
        return Decision.REJECT, (f"{len(lost)} of {len(protected)} protected anchors lost: {', '.join(lost)}",)
    holds: list[str] = []
    if faulted:
        holds.append(f"{len(faulted)} tasks have no verdict (judge or engine fault): {', '.join(faulted)}")
    if not protected:
        holds.append("the baseline passes nothing, so there is no anchor to protect")
    if gained < rules.min_repaired:
        holds.append(f"{gained} tasks repaired outside the held-out split; the rules ask for {rules.min_repaired}")
    if holds:
        return Decision.HOLD, tuple(holds)
    return Decision.PROMOTE, (f"all {len(protected)} protected anchors kept and {len(repaired)} tasks repaired",)


def _rows(baseline: Scoreboard, candidate: Scoreboard) -> tuple[SplitRow, ...]:
    """Each suite as a whole, then each of its splits."""
    rows: list[SplitRow] = []
    for suite in baseline.suites:
        for split in (None, *Split):
            before = baseline.tally(suite=suite, split=split)
            if before.total:
                after = candidate.tally(suite=suite, split=split)
                rows.append(SplitRow(suite=suite, split=split or "all", before=before, after=after))
    return tuple(rows)
