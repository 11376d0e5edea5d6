"""Shows what differs between two measurements, without deciding anything or spending a look."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from suture.core.errors import UsageError
from suture.core.gate.decision import gate as decide
from suture.core.gate.gate_report import GateReport
from suture.core.gate.rules import GateRules
from suture.core.measure.sheet import Sheet
from suture.core.measure.splits import Split
from suture.report.changes import TaskChange, task_changes
from suture.wiring.gate import Side, asking_no_more, both_sides


@dataclass(frozen=True)
class Compared:
    """Attributes:
    report: the lists of a gate report in which nothing is protected; its decision means nothing.
    changes: the tasks that changed sides, with both answers.
    left_out: held-out tasks, which only the gate may look at.
    """

    report: GateReport
    changes: Mapping[str, tuple[TaskChange, ...]]
    left_out: tuple[str, ...]


def compare(before: Side, after: Side) -> Compared:
    """Find the tasks that were gained and lost between two measurements of the same tasks.

    Raises:
        UsageError: every task is held out, so that there is nothing to show.
        StaleEvidence: not measured on the same tasks with one instrument.
    """
    first, second = both_sides(before, after)
    held = tuple(task_id for task_id, entry in first[0].entries.items() if entry.split is Split.HOLDOUT)
    first, second = ([_without(sheet, held) for sheet in side] for side in (first, second))
    if not first[0].entries:
        raise UsageError("every task there is held out, and only `suture gate` may look at those")
    report = decide(first, second, asking_no_more(GateRules(protect=()), first, second))
    return Compared(report, task_changes(report, first[0], second[0]), held)


def _without(sheet: Sheet, held: Collection[str]) -> Sheet:
    """Tasks without a split, so that all of them are tested."""
    entries = {t: replace(entry, split=None) for t, entry in sheet.entries.items() if t not in held}
    return replace(sheet, entries=entries)
