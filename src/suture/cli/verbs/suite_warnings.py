"""What ``suture suite check`` and ``suture suite convert`` warn of, in words: nothing of it changes the exit code."""

from collections.abc import Sequence

from suture.cli.output import beyond, table
from suture.loop.measuring.weakness import WeakTask
from suture.wiring.overlap import Overlap

_SHOWN = 10


def lines_on_overlap(found: Overlap, total: int) -> list[str]:
    """Tasks that resemble other suites', with the ids on both sides. Empty where none does."""
    if not found.twins:
        return []
    rows = [[twin.task_id, f"{twin.twin} ({twin.suite})", twin.how] for twin in found.twins]
    missing = f"; not compared: {', '.join(found.missing)}" if found.missing else ""
    return [
        *_shown(["task", "resembles", "they share"], rows),
        f"warning: {len(found.twins)} of {total} tasks resemble tasks of other suites{missing}",
    ]


def lines_on_weak(weak: Sequence[WeakTask], total: int) -> list[str]:
    """Tasks whose check says little, and why. Empty where there are none."""
    if not weak:
        return []
    rows = [[task.task_id, task.why] for task in weak]
    return [
        *_shown(["task", "why its check is weak"], rows),
        f"warning: {len(weak)} of {total} tasks have a weak check",
    ]


def _shown(header: list[str], rows: list[list[str]]) -> list[str]:
    return [table(header, rows[:_SHOWN], words=True), *beyond(len(rows), _SHOWN)]
