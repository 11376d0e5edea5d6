"""Names every loss of a gate report in one list: what it is, and why it did or did not count."""

from suture.core.frozen import Frozen
from suture.core.gate.gate_report import GateReport


class Loss(Frozen):
    """A task that passed before and fails now.

    Attributes:
        counts: alone, it is enough against the candidate.
        why: what else is known of it, in words: ``flaky``, ``by luck``, ``in form``, ``rounding``.
    """

    task_id: str
    counts: bool
    why: tuple[str, ...] = ()


def losses_of(report: GateReport) -> tuple[Loss, ...]:
    """Those that count first. Within a loss budget none counts alone."""
    notes = {
        "flaky": report.flaky,
        "passed by luck": report.lucky,
        "no answer, cut off or broken form": report.lost_format,
        "may be rounding": report.fragile,
    }
    return tuple(
        Loss(task_id=task_id, counts=counts, why=tuple(note for note, ids in notes.items() if task_id in ids))
        for ids, counts in ((report.lost, not report.excused), (report.slipped, False))
        for task_id in ids
    )
