"""The numbers of a gate by suite and split, and by tag."""

from collections.abc import Iterable, Mapping

from suture.core.frozen import Frozen
from suture.core.measure.scoreboard import Tally
from suture.core.measure.sheet import SheetEntry
from suture.core.measure.splits import Split
from suture.core.measure.verdict import Outcome

Outcomes = Mapping[str, Outcome | None]
"""By task id; None where repeated measurements are split evenly, which scores neither way."""


class SplitRow(Frozen):
    """One line of the table of numbers. ``split`` is "all" for a suite as a whole."""

    suite: str
    split: str
    before: Tally
    after: Tally

    @property
    def delta(self) -> int:
        return self.after.passed - self.before.passed


class TagRow(Frozen):
    """One tag's tasks: how many passed on each side, and what changed."""

    tag: str
    tasks: int
    before: int
    after: int
    lost: int
    gained: int


def split_rows(entries: Iterable[SheetEntry], before: Outcomes, after: Outcomes) -> tuple[SplitRow, ...]:
    """Each suite as a whole, then each of its splits."""
    entries = tuple(entries)
    rows: list[SplitRow] = []
    for suite in dict.fromkeys(entry.suite for entry in entries):
        for split in (None, *Split):
            chosen = [e.task_id for e in entries if e.suite == suite and split in (None, e.split)]
            if chosen:
                both = [_tally(chosen, outcomes) for outcomes in (before, after)]
                rows.append(SplitRow(suite=suite, split=split or "all", before=both[0], after=both[1]))
    return tuple(rows)


def tag_rows(entries: Iterable[SheetEntry], before: Outcomes, after: Outcomes) -> tuple[TagRow, ...]:
    """Sorted by tag. A task counts under each of its tags."""
    tasks: dict[str, list[str]] = {}
    for entry in entries:
        for tag in dict.fromkeys(entry.tags):
            tasks.setdefault(tag, []).append(entry.task_id)
    changes = {Outcome.PASS: Outcome.FAIL, Outcome.FAIL: Outcome.PASS}
    rows: list[TagRow] = []
    for tag, chosen in sorted(tasks.items()):
        changed = [before[t] for t in chosen if (was := before[t]) is not None and changes.get(was) is after[t]]
        rows.append(
            TagRow(
                tag=tag,
                tasks=len(chosen),
                before=sum(before[t] is Outcome.PASS for t in chosen),
                after=sum(after[t] is Outcome.PASS for t in chosen),
                lost=changed.count(Outcome.PASS),
                gained=changed.count(Outcome.FAIL),
            )
        )
    return tuple(rows)


def _tally(tasks: list[str], outcomes: Outcomes) -> Tally:
    return Tally(
        total=len(tasks),
        passed=sum(outcomes[t] is Outcome.PASS for t in tasks),
        faulted=sum(outcomes[t] in (Outcome.FAULT, None) for t in tasks),
    )
