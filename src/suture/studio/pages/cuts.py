"""How much of each task a page holds: everything, or less in a stated order where a file would grow too large."""

from dataclasses import dataclass

from suture.studio.marks import CHANGED, Mark
from suture.studio.plain_text import MOST_SHOWN


@dataclass(frozen=True)
class Room:
    """What one task's fragment may hold.

    Attributes:
        answer: characters of each answer; 0 leaves answers out.
        question: characters of the question, of the reference, and of what decides.
        diff: whether the two answers are compared.
    """

    answer: int = MOST_SHOWN
    question: int = MOST_SHOWN
    diff: bool = True

    @property
    def says(self) -> str:
        """What it leaves out, in words; empty for a room that holds everything."""
        parts = ["the diff"] if not self.diff else []
        if self.answer < MOST_SHOWN:
            parts.append(f"of each answer all but {self.answer:,} characters" if self.answer else "the answers")
        if self.question < MOST_SHOWN:
            parts.append(f"of each question all but {self.question:,} characters")
        return ", ".join(parts)


@dataclass(frozen=True)
class Cut:
    """One step. ``says``: what it leaves out, for the page."""

    says: str
    kept: Room
    failing: Room
    changed: Room = Room()

    def room(self, mark: Mark) -> Room:
        if mark in CHANGED:
            return self.changed
        return self.kept if mark in (Mark.KEPT, Mark.PASS) else self.failing


CUTS = (
    Cut("", Room(), Room()),
    Cut("of kept tasks the diff, and of answers all but 1,500 characters", Room(1_500, diff=False), Room()),
    Cut(
        "also of failing tasks the diff, and of answers all but 3,000 characters",
        Room(1_500, diff=False),
        Room(3_000, diff=False),
    ),
    Cut(
        "of kept tasks all but 500 characters of each text, of failing ones all but 1,500, and their diffs",
        Room(500, 500, diff=False),
        Room(1_500, 1_500, diff=False),
    ),
    Cut(
        "the answers of kept and failing tasks, all but 500 characters of their questions, and of changed tasks what "
        "is beyond 16 KB",
        Room(0, 500, diff=False),
        Room(0, 500, diff=False),
        Room(16 * 1024, 16 * 1024),
    ),
)
"""In the order in which they are tried. An answer that is equal on both sides is always shown once. What was lost,
repaired, or is undecided is never cut below 16 KB."""
