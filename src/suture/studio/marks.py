"""What became of a task, with a sign and a word for each: no page says it by colour alone."""

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    LOST = "lost"
    SLIPPED = "slipped"
    OPEN = "open"
    FAULT = "fault"
    MISSING = "missing"
    DOUBLED = "doubled"
    OTHER = "other"
    REPAIRED = "repaired"
    FAILING = "failing"
    KEPT = "kept"
    FAIL = "fail"
    PASS = "pass"  # noqa: S105


@dataclass(frozen=True)
class Sign:
    """``style``: the class that colours it."""

    sign: str
    word: str
    says: str
    style: str


SIGNS: dict[Mark, Sign] = {
    Mark.LOST: Sign("−", "lost", "passed before, fails now, and was protected", "lost"),
    Mark.SLIPPED: Sign("−", "lost, unprotected", "passed before and fails now; it was not protected", "lost"),
    Mark.OPEN: Sign("?", "open", "the runs disagree and have no majority yet", "hold"),
    Mark.FAULT: Sign("!", "no verdict", "the judge or the engine failed: it counts for neither side", "hold"),
    Mark.MISSING: Sign("…", "one side only", "only one of the two measurements has this task", "hold"),
    Mark.DOUBLED: Sign("…", "doubled", "one measurement has this id more than once", "hold"),
    Mark.OTHER: Sign("…", "asks otherwise", "the two measurements ask something else under this id", "hold"),
    Mark.REPAIRED: Sign("+", "repaired", "failed before and passes now", "gained"),
    Mark.FAILING: Sign("×", "still fails", "fails before and after", "failing"),
    Mark.KEPT: Sign("=", "kept", "passes before and after", "kept"),
    Mark.FAIL: Sign("×", "fails", "the answer is wrong, or none", "failing"),
    Mark.PASS: Sign("✓", "passes", "the answer is right", "kept"),
}
"""In the order in which tables list them: what needs eyes first stands first."""

COMPARED = {
    **SIGNS,
    Mark.LOST: Sign("−", "lost", "passed before and fails now", "lost"),
    Mark.SLIPPED: Sign("−", "lost", "passed before and fails now", "lost"),
    Mark.REPAIRED: Sign("+", "gained", "failed before and passes now", "gained"),
}
"""The same where nothing is decided: a comparison repairs nothing, and protects nothing."""

CHANGED = (Mark.LOST, Mark.SLIPPED, Mark.OPEN, Mark.FAULT, Mark.MISSING, Mark.DOUBLED, Mark.OTHER, Mark.REPAIRED)
"""Marks of tasks that are not as they were."""

UNPAIRED = (Mark.MISSING, Mark.DOUBLED, Mark.OTHER)
"""Marks of tasks that cannot be compared."""

RANK = {mark: rank for rank, mark in enumerate(SIGNS)}
