"""Sheets for tests of the gate, written as letters: one word a side of a task, one letter a run."""

from collections.abc import Sequence

from suture.core.measure.sheet import Sheet, SheetEntry
from suture.core.measure.splits import Split
from suture.core.measure.verdict import Outcome, Reason, Verdict

VERDICTS = {
    "p": Verdict(outcome=Outcome.PASS),
    "v": Verdict(outcome=Outcome.PASS, vacuous=True),
    "f": Verdict(outcome=Outcome.FAIL, reason=Reason.WRONG),
    "s": Verdict(outcome=Outcome.FAIL, reason=Reason.SYNTAX),
    "t": Verdict(outcome=Outcome.FAIL, reason=Reason.TRUNCATED),
    "x": Verdict(outcome=Outcome.FAULT, reason=Reason.FAULT),
}
SPLITS = {"r": Split.REPAIR, "d": Split.DEV, "h": Split.HOLDOUT, "-": None}


def both_sides(tasks: Sequence[str], **changes: object) -> tuple[list[Sheet], list[Sheet]]:
    """Of tasks written as ``SPLIT BASELINE CANDIDATE``, such as ``h pp fpf``; the task at index 0 is ``T/0``.

    ``changes`` are for the candidate's first sheet.
    """
    words = [task.split() for task in tasks]
    before = _sheets([(split, runs) for split, runs, _ in words], "old")
    after = _sheets([(split, runs) for split, _, runs in words], "new")
    after[0] = Sheet(**{**vars(after[0]), **changes})
    return before, after


def _sheets(side: Sequence[tuple[str, str]], subject: str) -> list[Sheet]:
    longest = max((len(runs) for _, runs in side), default=1)
    return [_sheet(side, subject, run) for run in range(longest)]


def _sheet(side: Sequence[tuple[str, str]], subject: str, run: int) -> Sheet:
    entries = {
        f"T/{i}": SheetEntry(
            task_id=f"T/{i}",
            digest=f"digest {i}",
            verdict=VERDICTS[runs[run]],
            suite="s",
            split=SPLITS[split],
            tags=("even" if i % 2 == 0 else "odd",),
            answer=f"{subject} answer {i}",
        )
        for i, (split, runs) in enumerate(side)
        if run < len(runs)
    }
    return Sheet(subject=subject, digest=f"{subject} run {run}", instrument={"suite": "s"}, entries=entries)
