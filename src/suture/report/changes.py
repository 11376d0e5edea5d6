"""The tasks of a gate's lists with both answers side by side."""

from collections.abc import Iterable

from suture.core.frozen import Frozen
from suture.core.gate.gate_report import GateReport
from suture.core.measure.sheet import Sheet


class TaskChange(Frozen):
    """A task whose verdict changed, or that has none: ids for lists, reasons and answers for side by side.

    Attributes:
        before, after: verdict keys, such as ``pass`` or ``fail:wrong``.
        kind: of the task; empty where that is not known.
        runs: how often each side passed, for a task that was measured more than once.
    """

    task_id: str
    before: str
    after: str
    answer_before: str
    answer_after: str
    runs: tuple[str, str] | None = None
    kind: str = ""


LISTS = {
    "lost": "Lost",
    "slipped": "Lost, but not protected",
    "repaired": "Repaired",
    "flaky": "Flaky",
    "unsettled": "Without a majority",
    "faulted": "No verdict",
}
"""The lists of a gate report that name tasks worth reading, and their headings."""


def task_changes(gate: GateReport, baseline: Sheet, candidate: Sheet) -> dict[str, tuple[TaskChange, ...]]:
    """By list; ``baseline`` and ``candidate`` are the first measurements. Empty lists are left out."""
    ids: dict[str, tuple[str, ...]] = {name: getattr(gate, name) for name in LISTS}
    return {name: tuple(_changes(gate, found, baseline, candidate)) for name, found in ids.items() if found}


def _changes(gate: GateReport, ids: Iterable[str], baseline: Sheet, candidate: Sheet) -> Iterable[TaskChange]:
    for task_id in ids:
        before, after = baseline.entries[task_id], candidate.entries[task_id]
        yield TaskChange(
            task_id=task_id,
            before=before.verdict.key,
            after=after.verdict.key,
            answer_before=before.answer,
            answer_after=after.answer,
            runs=gate.runs.get(task_id),
            kind=before.kind,
        )
