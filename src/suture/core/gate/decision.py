"""Promote, reject or hold: a pure function of what was measured.

Strict: one protected anchor lost rejects, unless the rules name a loss budget, and what was lost proves a rate within
it. A fault proves nothing either way, so it can only hold. ``docs/gate.md``
goes through a decision by hand.
"""

from collections.abc import Iterator, Sequence

from suture.core.gate.breakdown import split_rows, tag_rows
from suture.core.gate.certificates import AnchorBound, HeldOutChange, at_most, bound_anchors, held_out_change
from suture.core.gate.comparison import Comparison, compare
from suture.core.gate.gate_report import Decision, GateReport
from suture.core.gate.looks import Look, first_look
from suture.core.gate.rules import GateRules
from suture.core.measure.sheet import Sheet, held_out_digest


def gate(
    baseline: Sequence[Sheet],
    candidate: Sequence[Sheet],
    rules: GateRules | None = None,
    look: Look | None = None,
    *,
    draws: Sequence[Sheet] = (),
) -> GateReport:
    """Decide whether the candidate may replace the baseline.

    Args:
        baseline: its measurements; the first is of all tasks, later ones of some.
        candidate: the same.
        look: which look at the held-out tasks this is; the first when left out.
        draws: of the baseline, with sampling, of the tasks it passes; as many as the rules ask for.

    Raises:
        StaleEvidence: they were not measured on the same tasks with one instrument.
    """
    rules = rules or GateRules()
    found = compare(baseline, candidate, rules, draws)
    look = _look(found, look, rules)
    anchors = bound_anchors(len(found.protected), len(found.lost), rules)
    change = None if look is None else _change(found, look, rules)
    decision, reasons, settles = _decide(found, anchors, change, look, rules)
    before, after = found.outcomes_before, found.outcomes_after
    return GateReport(
        decision=decision,
        reasons=reasons,
        settles=settles,
        baseline_pack=baseline[0].subject,
        candidate_pack=candidate[0].subject,
        baseline=baseline[0].digest,
        candidate=candidate[0].digest,
        repeated=tuple(sheet.digest for sheet in (*baseline[1:], *candidate[1:], *draws)),
        protected=found.protected,
        kept=found.kept,
        lost=found.lost,
        lost_format=found.lost_format,
        lucky=found.lucky,
        slipped=found.slipped,
        repaired=found.repaired,
        flaky=found.flaky,
        faulted=found.faulted,
        unsettled=found.unsettled,
        anchors=anchors,
        holdout=change,
        look=look,
        noise=found.noise,
        rounding=found.rounding,
        fragile=found.fragile,
        repeats=found.repeats,
        runs={t: (str(found.before[t]), str(found.after[t])) for t in found.repeated},
        rows=split_rows(found.entries.values(), before, after),
        tags=tag_rows(found.entries.values(), before, after),
        kinds=tuple(dict.fromkeys(entry.kind for entry in found.entries.values() if entry.kind)),
    )


def _look(found: Comparison, look: Look | None, rules: GateRules) -> Look | None:
    if not found.held:
        return None
    return look or first_look(held_out_digest({t: found.entries[t].digest for t in found.held}), rules.alpha)


def _change(found: Comparison, look: Look, rules: GateRules) -> HeldOutChange:
    held = set(found.held)
    return held_out_change(
        len(held),
        lost=len(held & {*found.lost, *found.slipped}),
        gained=len(held & set(found.repaired)),
        still_open=len(held & {*found.faulted, *found.unsettled}),
        alpha=look.alpha,
        rules=rules,
    )


def _decide(
    found: Comparison, anchors: AnchorBound, change: HeldOutChange | None, look: Look | None, rules: GateRules
) -> tuple[Decision, tuple[str, ...], tuple[str, ...]]:
    """The decision, why, and what would settle a hold."""
    if rejects := tuple(_against(found, anchors, change)):
        return Decision.REJECT, rejects, ()
    holds = [*_missing(found, rules), *_unproved(anchors, change, look, rules)]
    if holds:
        return Decision.HOLD, tuple(why for why, _ in holds), tuple(settles for _, settles in holds)
    return Decision.PROMOTE, (f"{_kept(found, anchors)} and {len(found.repaired)} tasks repaired",), ()


def _kept(found: Comparison, anchors: AnchorBound) -> str:
    if not found.protected:
        return "no anchor was to be protected"
    if not found.lost:
        return f"all {len(found.protected)} protected anchors kept"
    return (
        f"{len(found.lost)} of {len(found.protected)} protected anchors lost ({', '.join(found.lost)}), so the loss "
        f"rate is at most {at_most(anchors.bound)}, within the budget of {anchors.budget or 0:.1%},"
    )


def _against(found: Comparison, anchors: AnchorBound, change: HeldOutChange | None) -> Iterator[str]:
    undecided = set(found.faulted).difference(found.protected)
    if found.lost and not anchors.may_be_within_budget(len(undecided)):
        over = (
            ""
            if anchors.budget is None
            else (f", so the loss rate may be {at_most(anchors.bound)}, over the budget of {anchors.budget:.1%}")
        )
        yield f"{len(found.lost)} of {len(found.protected)} protected anchors lost{over}: {', '.join(found.lost)}"
    if change is not None and change.worse:
        yield (
            f"significant held-out loss: {change.lost} lost and {change.gained} gained of {change.tasks} "
            f"(exact McNemar p = {change.loss_p:.3g}; this look's alpha is {change.alpha:.3g})"
        )


def _missing(found: Comparison, rules: GateRules) -> Iterator[tuple[str, str]]:
    """What was not measured well enough, or is not there."""
    if found.faulted:
        yield (
            f"{len(found.faulted)} tasks have no verdict (judge or engine fault): {', '.join(found.faulted)}",
            "measure them again: a fault is no answer",
        )
    if found.unsettled:
        yield (
            f"{len(found.unsettled)} tasks differ between runs and have no majority yet: {', '.join(found.unsettled)}",
            f"measure them again on both sides: a disagreement takes {found.repeats} runs",
        )
    if found.unproved:
        yield (
            f"{len(found.unproved)} tasks passed every time were measured fewer than {rules.baseline_runs} times",
            f"measure both sides again: an anchor has passed {rules.baseline_runs} of {rules.baseline_runs} runs",
        )
    if found.undrawn:
        yield (
            f"{len(found.undrawn)} tasks that passed have fewer than {rules.draws} draws with a verdict",
            "draw them again: `suture heal` does, and `suture gate` takes draws with --drawn",
        )
    if rules.protect and not found.protected:
        yield "the baseline passes nothing, so there is no anchor to protect", "tasks that the baseline can do"
    if (gained := found.repaired_outside_holdout) < rules.min_repaired:
        yield (
            f"{gained} tasks repaired outside the held-out split; the rules ask for {rules.min_repaired}",
            "another repair: more failures, or other training settings",
        )


def _unproved(
    anchors: AnchorBound, change: HeldOutChange | None, look: Look | None, rules: GateRules
) -> Iterator[tuple[str, str]]:
    """What was measured and does not prove what the rules ask for."""
    if rules.certify and rules.protect and not anchors.certified:
        yield f"{anchors.anchors} anchors are too few to promise a loss rate of {rules.margin:.1%}", anchors.settles
    if look is not None and look.number > rules.looks:
        yield (
            f"look {look.number} at these held-out tasks; the rules allow {rules.looks}",
            "fresh held-out tasks, and gate: {fresh_holdout: true}",
        )
    if change is None:
        if rules.require_gain:
            yield "the rules ask for a held-out gain, and no task is held out", "tasks in split holdout"
        return
    if not change.not_worse or (rules.certify and not change.certified):
        yield (
            f"the held-out pass rate may have fallen by {at_most(change.bound)}; the margin is {change.margin:.1%}",
            change.settles,
        )
    if rules.require_gain and not change.better:
        yield (
            f"no significant held-out gain: {change.gained} gained and {change.lost} lost (exact McNemar p = "
            f"{change.gain_p:.3g}; this look's alpha is {change.alpha:.3g})",
            change.settles_gain,
        )
