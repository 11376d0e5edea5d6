"""What a gate found of a policy, as the counts that its steering begins with. Pure."""

from collections.abc import Collection, Iterable, Sequence

from suture.core.gate.breakdown import SplitRow
from suture.core.gate.gate_report import GateReport
from suture.core.measure.scoreboard import Tally
from suture.core.measure.splits import Split


def gated_tallies(reports: Iterable[GateReport], policy: str) -> tuple[tuple[SplitRow, Tally], ...]:
    """What the newest report that measured a policy says of it, by suite and split; nothing where none did."""
    for report in reports:
        if policy in (report.candidate_pack, report.baseline_pack):
            after = policy == report.candidate_pack
            return tuple((row, row.after if after else row.before) for row in report.rows)
    return ()


def starting_counts(
    found: Sequence[tuple[SplitRow, Tally]], suites: Collection[str], most: float
) -> tuple[float, float]:
    """Right and wrong answers to begin with: passes of n on the route's suites, as at most ``most`` answers.

    Of tasks that nothing was trained or chosen on where there are any, since strangers ask none of the others.

    Args:
        suites: names of the route's suites; with none of them all that the gate measured.
    """
    own = [(row, tally) for row, tally in found if row.suite in suites] or list(found)
    unseen = [tally for row, tally in own if row.split == Split.HOLDOUT]
    counted = [tally for tally in unseen if tally.total] or [tally for row, tally in own if row.split == "all"]
    passed = sum(tally.passed for tally in counted)
    judged = sum(tally.total - tally.faulted for tally in counted)
    part = min(1.0, most / judged) if judged else 0.0
    return part * passed, part * (judged - passed)
