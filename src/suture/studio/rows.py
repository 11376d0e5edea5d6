"""One answer as pages show it, from a scoreboard or from another harness's file."""

from collections.abc import Iterable
from dataclasses import dataclass

from suture.core.measure.scoreboard import Result, Scoreboard
from suture.core.measure.served import Served
from suture.core.measure.sheet import Sheet, SheetEntry
from suture.core.measure.splits import Split
from suture.core.measure.verdict import Outcome, Verdict


@dataclass(frozen=True)
class AnswerRow:
    """One task of one measurement.

    Attributes:
        digest: of what was asked.
        attempt: digest of the attempt record; empty in files of other harnesses, as is all that follows.
        finish: ``stop``, or ``length`` for an answer that was cut off.
        served: who answered, where a policy was measured.
    """

    task_id: str
    digest: str
    verdict: Verdict
    suite: str
    split: Split | None = None
    kind: str = ""
    tags: tuple[str, ...] = ()
    answer: str = ""
    attempt: str = ""
    prompt: str = ""
    finish: str = ""
    prompt_tokens: int = 0
    tokens: int = 0
    seconds: float = 0.0
    served: Served | None = None

    @property
    def word(self) -> str:
        """Say the verdict in one word: ``pass``, ``no verdict``, or why it failed."""
        if self.verdict.outcome is Outcome.PASS:
            return "pass"
        return "no verdict" if self.verdict.faulted else self.reason

    @property
    def reason(self) -> str:
        """Why it did not pass; empty for a pass."""
        return self.verdict.reason.value if self.verdict.reason else ""


def rows_of_board(board: Scoreboard) -> tuple[AnswerRow, ...]:
    """Every result in the order measured; one that stands twice is there twice."""
    return tuple(_of_result(result) for result in board.results)


def rows_of_sheet(sheet: Sheet) -> tuple[AnswerRow, ...]:
    """Every entry in the order measured."""
    return tuple(_of_entry(entry) for entry in sheet.entries.values())


def without(rows: Iterable[AnswerRow], ids: Iterable[str]) -> tuple[AnswerRow, ...]:
    """Leave out the rows with these ids."""
    left_out = set(ids)
    return tuple(row for row in rows if row.task_id not in left_out)


def _of_result(result: Result) -> AnswerRow:
    attempt = result.attempt
    said = attempt.completion
    return AnswerRow(
        task_id=result.task_id,
        digest=attempt.task_digest,
        verdict=result.verdict,
        suite=result.suite,
        split=result.split,
        kind=result.kind,
        tags=tuple(tag for tag in result.tags if tag != result.suite),
        answer=said.text,
        attempt=attempt.digest,
        prompt=attempt.prompt_digest,
        finish=said.finish.value,
        prompt_tokens=said.prompt_tokens,
        tokens=said.tokens,
        seconds=said.seconds,
        served=result.served,
    )


def _of_entry(entry: SheetEntry) -> AnswerRow:
    return AnswerRow(
        task_id=entry.task_id,
        digest=entry.digest,
        verdict=entry.verdict,
        suite=entry.suite,
        split=entry.split,
        kind=entry.kind,
        tags=entry.tags,
        answer=entry.answer,
    )
