"""Counts which protected anchors were kept, separately for those that training replayed and those it never saw."""

from collections.abc import Callable, Collection

from suture.core.frozen import Frozen
from suture.core.gate.gate_report import GateReport
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.splits import Split


class KeptCount(Frozen):
    """How many of some anchors the candidate still passes. One without a verdict is in ``total`` alone."""

    kept: int
    total: int

    def __str__(self) -> str:
        return f"{self.kept} of {self.total}"


class AnchorsKept(Frozen):
    """``replay`` anchors may be trained on; ``gate_only`` ones (of split repair, too) and those ``elsewhere`` (dev and
    holdout) never are."""

    replay: KeptCount
    gate_only: KeptCount
    elsewhere: KeptCount


def anchors_kept(report: GateReport, baseline: Scoreboard, gate_only: Collection[str]) -> AnchorsKept:
    """``gate_only``: ids, as the dataset's manifest lists them."""
    return tell_apart(report.protected, report.kept, baseline, gate_only)


def tell_apart(
    protected: Collection[str], kept: Collection[str], baseline: Scoreboard, gate_only: Collection[str]
) -> AnchorsKept:
    held_back = set(gate_only)

    def count(chosen: Callable[[Split, str], bool]) -> KeptCount:
        ids = [t for t in protected if chosen(baseline.by_task[t].split or Split.REPAIR, t)]
        return KeptCount(kept=len(set(kept).intersection(ids)), total=len(ids))

    return AnchorsKept(
        replay=count(lambda split, task_id: split is Split.REPAIR and task_id not in held_back),
        gate_only=count(lambda split, task_id: split is Split.REPAIR and task_id in held_back),
        elsewhere=count(lambda split, _: split is not Split.REPAIR),
    )
