"""Answers by a policy whether one measurement is as good as another: what a gate in somebody's CI asks."""

from pathlib import Path

from suture.core.gate.decision import gate as decide
from suture.core.gate.gate_report import Decision, GateReport
from suture.core.gate.looks import price
from suture.core.gate.planning import EACH_TIME, WIDEST, smallest_margin, tasks_to_tell
from suture.core.gate.policies import Asked, CountLooks, GatePolicy, rules_of, with_defaults
from suture.core.gate.rules import GateRules
from suture.wiring.gate import Side, asking_no_more, both_sides, counted_gate

UNLIMITED = 10**9
"""Looks that are counted get dearer and are never refused."""


def gate_by_policy(
    baseline: Side,
    candidate: Side,
    policy: GatePolicy = GatePolicy.NO_WORSE,
    rules: GateRules | None = None,
    *,
    margin: float | None = None,
    looks: CountLooks = CountLooks.OFF,
    drawn: Side = (),
    model: str | None = None,
    home: Path | str | None = None,
) -> GateReport:
    """Decide by ``policy``, as the gate does. With looks off nothing is stored, and every check is like the first.

    Args:
        baseline, candidate: as ``suture.gate``.
        rules: what they say stands before what the policy means.
        margin: how far the pass rate may fall; by default the smallest that these tasks can prove.
        looks: ``count`` for what will be released: the look is recorded and paid for.
        drawn, model, home: as ``suture.gate``.

    Raises:
        StaleEvidence: not measured on the same tasks with one instrument, or the model is held to other tasks.
        BadFile: a file that is missing, or no file of measurements.
    """
    before, after = both_sides(baseline, candidate)
    draws, _ = both_sides(drawn, ())
    rules = rules_of(policy, rules or GateRules(), margin=margin)
    if margin is not None and policy is not GatePolicy.NO_LOST:
        rules = with_defaults(rules, {"certify": True})  # a margin that somebody named has to be shown
    rules = asking_no_more(rules, before, after, draws)
    chosen = "holdout_margin" not in rules.model_fields_set and margin is None and not rules.certify
    if chosen:
        seen = decide(before, after, rules, draws=draws).holdout
        if seen is not None:
            smallest = smallest_margin(seen.tasks, seen.lost + seen.gained, price(rules.alpha, 1))
            rules = with_defaults(rules, {"holdout_margin": smallest})
    if looks is CountLooks.OFF:
        report = decide(before, after, rules, draws=draws)
    else:
        rules = with_defaults(rules, {"looks": UNLIMITED})
        report = counted_gate(before, after, rules, drawn=draws, model=model, home=home)
    asked = Asked(policy=policy, looks=looks, certify=rules.certify, chosen_margin=chosen)
    return _not_by_default(report.model_copy(update={"asked": asked}), asked, protects=bool(rules.protect))


def _not_by_default(report: GateReport, asked: Asked, *, protects: bool) -> GateReport:
    """Hold what was let through only because so few tasks can show nothing, where no single loss counts either."""
    change = report.holdout
    if report.decision is not Decision.PROMOTE or protects:
        return report
    if change is not None and change.achievable <= max(WIDEST, change.margin):
        return report
    tasks, needed = (0, tasks_to_tell(EACH_TIME)) if change is None else (change.tasks, tasks_to_tell(change.alpha))
    why = f"{tasks} held-out tasks are too few to show that the pass rate fell by less than {WIDEST:.0%}"
    return report.model_copy(
        update={
            "decision": Decision.HOLD,
            "reasons": (why,),
            "settles": (f"{needed} tasks, or --policy no-lost, which asks of each task that it still passes",),
            "asked": asked.model_copy(update={"too_few": True}),
        }
    )
