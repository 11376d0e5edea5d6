"""The gate as ``import suture`` offers it: on files, scoreboards, mappings, rows or data frames."""

from pathlib import Path

from suture.core.errors import UnknownName, UsageError
from suture.core.gate.gate_report import GateReport
from suture.core.gate.policies import GatePolicy
from suture.core.gate.rules import GateRules
from suture.wiring.gate import Side, counted_gate
from suture.wiring.gate_by_policy import gate_by_policy


def gate(
    baseline: Side,
    candidate: Side,
    rules: GateRules | None = None,
    *,
    policy: GatePolicy | str | None = None,
    margin: float | None = None,
    drawn: Side = (),
    model: str | None = None,
    home: Path | str | None = None,
) -> GateReport:
    """Compare a candidate with everything that passed before: promote, reject or hold.

    Held-out tasks are those of split ``holdout``, or all tasks of results without splits. Without ``policy`` it decides
    as a repair does: every candidate shown to them is counted in the store, and each look costs part of
    ``rules.alpha``. With a policy it decides as ``suture gate`` does: nothing is stored, and every check is like the
    first.

    Example::

        report = suture.gate({"a": True, "b": True}, {"a": True, "b": False}, policy="no-lost")
        print(report.decision, report.lost)

        report = suture.gate("before.json", "after.json", GateRules(min_repaired=2))
        if report.decision is Decision.REJECT:
            print(report.reasons[0])

    Args:
        baseline: its measurements: files, scoreboards, ``{"task": True}``, rows, or a data frame. The first of several
            is of all tasks, later ones repeat some or all of them.
        candidate: the same, measured the same way.
        rules: of the numbers of runs those that are not set are no more than were measured.
        policy: ``no-worse``, ``no-lost`` or ``better``; what ``rules`` set stands before what it means.
        margin: with a policy, how far the pass rate may fall, such as 0.02; by default the smallest that these tasks
            can prove.
        drawn: draws of the baseline, with sampling, of the tasks it passes; those that a draw fails are not protected.
        model: hold the candidate to this model's held-out tasks.
        home: the store's directory; by default ``$SUTURE_HOME``, else the nearest ``.suture`` upwards.

    Raises:
        StaleEvidence: not measured on the same tasks with one instrument, or the model is held to other tasks.
        BadFile: a file that is missing, or no file of measurements.
        UsageError: there are no results; there is no such policy; a margin without a policy.
    """
    if policy is None:
        if margin is not None:
            raise UsageError("a margin goes with a policy", mend='policy="no-worse", or GateRules(holdout_margin=...)')
        return counted_gate(baseline, candidate, rules, drawn=drawn, model=model, home=home)
    if policy not in set(GatePolicy):
        raise UnknownName("policy", policy, [known.value for known in GatePolicy], mend='policy="no-worse"')
    return gate_by_policy(
        baseline, candidate, GatePolicy(policy), rules, margin=margin, drawn=drawn, model=model, home=home
    )
