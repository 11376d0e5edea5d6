"""What a repair is trained on: failures to repair and anchors to keep, each row with its provenance."""

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TypeVar

from pydantic import Field

from suture.core.frozen import Frozen
from suture.core.measure.verdict import Reason

T = TypeVar("T")


class RowKind(StrEnum):
    FAILURE = "failure"
    """A task the model got wrong; the target is the reference answer."""
    ANCHOR = "anchor"
    """A task the model passes; the target is the model's own passing answer."""
    VARIATION = "variation"
    """A failed task with other values in it; the target is its reference with those values."""
    REHEARSAL = "rehearsal"
    """A task the model wrote itself; the target is its own answer, which at least runs."""
    QUESTION = "question"
    """A question from elsewhere that nobody measures; the target is the model's own answer, right or wrong."""
    LESSON = "lesson"
    """A task of another suite, with its reference as the target; the model was not asked."""


TAUGHT = (RowKind.FAILURE, RowKind.VARIATION, RowKind.LESSON)
"""Rows whose target is new to the model; those of the others it said itself."""
REHEARSED = (RowKind.REHEARSAL, RowKind.QUESTION)
"""Rows that hold the model to what it says where nothing is measured."""


class TargetKind(StrEnum):
    """Where a row's target came from."""

    REFERENCE = "reference"
    """The task's own solution, as its author wrote it."""
    RESTYLED = "restyled"
    """That solution in one formatting, without docstrings."""
    OWN_ANSWER = "own-answer"
    """The passing answer that made the task an anchor."""
    OWN_SAMPLE = "own-sample"
    """A passing answer of the model itself, drawn at a temperature."""
    OWN_REWRITE = "own-rewrite"
    """A passing answer of the model itself, written with the reference before its eyes."""


class TrainingRow(Frozen):
    """One training example.

    Attributes:
        prompt: the rendered chat with the answer opened; the loss never covers it.
        target: what should follow the prompt, up to and including the closing fence.
            Empty when a failure has no reference: kept and counted, never trained on.
        answer: what the model answered when it was measured.
        reason: why that answer failed; None for an anchor.
        task_digest: ``Task.content_digest``, by which overlap and contamination are decided.
        pack: SHA-256 of the pack that answered.
        attempt: digest of the attempt record the row was made from.
        target_kind: None in datasets of before it was kept.
        target_attempt: digest of the attempt the target was written in; empty for a reference.
        loglik: of the target after the prompt under the base, in nats; None where it was not computed. A failure with
            one and without a target is out of reach: its target was too unlikely to be taught.
        always_replayed: of an anchor whose suite a recipe replays whole.
        lucky: of an anchor that is not protected: it is replayed where there is room.
        question: SHA-256 of the question's words alone, where it is from elsewhere: it may come back with a check.
        groups: names of what its task shares with others, which may not be held out later either.
    """

    kind: RowKind
    task_id: str
    task_digest: str
    suite: str
    prompt: str
    target: str
    answer: str
    reason: Reason | None = None
    pack: str
    attempt: str
    origin: str = ""
    licence: str = ""
    target_kind: TargetKind | None = None
    target_attempt: str = ""
    loglik: float | None = None
    question: str = Field(default="", exclude_if=lambda value: not value)
    groups: tuple[str, ...] = Field(default=(), exclude_if=lambda value: not value)
    always_replayed: bool = Field(default=False, exclude_if=lambda value: not value)
    lucky: bool = Field(default=False, exclude_if=lambda value: not value)

    @property
    def trainable(self) -> bool:
        return bool(self.target)

    @property
    def out_of_reach(self) -> bool:
        return not self.trainable and self.loglik is not None


class Overlap(Frozen):
    """How one dataset relates to an earlier one, counted by task digest."""

    earlier: str
    shared: int
    only_here: int
    only_earlier: int
    union: int


class RowsFrom(Frozen):
    """How many rows of a kind came from one place."""

    kind: RowKind
    suite: str
    origin: str
    licence: str
    rows: int


class DatasetManifest(Frozen):
    """Written beside ``rows.jsonl``.

    Attributes:
        failures_without_reference: those with nothing to be taught: counted, not trained on.
        failures_out_of_reach: those with a target too unlikely to be taught: counted, not trained on.
        contaminated: tasks that are also in the held-out split: always empty in a dataset Suture wrote.
        gate_only: ids of the anchors of split repair that were kept out of the rows, so that nothing can train on
            them: whether they are kept says what replay does for anchors it does not replay.
        variations: rows of failed tasks with other values in them.
        rehearsals: rows of tasks that the model wrote itself.
        questions: rows of questions from elsewhere, with the model's own answers.
        lessons: rows of tasks of other suites, with their references.
        elsewhere: where those two came from.
        targets: failure rows by where their target came from.
    """

    schema_version: int = 1
    rows_sha256: str
    failures: int = Field(ge=0)
    failures_without_reference: int = Field(ge=0)
    failures_out_of_reach: int = Field(default=0, ge=0)
    anchors: int = Field(ge=0)
    variations: int = Field(default=0, ge=0, exclude_if=lambda value: value == 0)
    rehearsals: int = Field(default=0, ge=0)
    questions: int = Field(default=0, ge=0, exclude_if=lambda value: value == 0)
    lessons: int = Field(default=0, ge=0, exclude_if=lambda value: value == 0)
    elsewhere: tuple[RowsFrom, ...] = Field(default=(), exclude_if=lambda value: not value)
    duplicates_dropped: int = Field(ge=0)
    contaminated: tuple[str, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    gate_only: tuple[str, ...] = ()
    targets: dict[TargetKind, int] = Field(default_factory=dict[TargetKind, int])
    scoreboard: str
    """Digest of the scoreboard the rows were harvested from."""
    own_answers: str | None = None
    """Digest of the model's own answers that are targets here; None when it was not asked."""
    rehearsal: str | None = None
    """Digest of the rehearsal whose rows are here; None when there was none."""
    asked: str | None = Field(default=None, exclude_if=lambda value: value is None)
    """Digest of the answers to questions from elsewhere; None when there were none."""

    @property
    def rows(self) -> int:
        """All of them, those that cannot be trained on too."""
        return self.failures + self.variations + self.lessons + self.anchors + self.rehearsals + self.questions

    @property
    def taught(self) -> int:
        """Rows whose target is new to the model."""
        return self.failures - self.not_taught + self.variations + self.lessons

    @property
    def not_taught(self) -> int:
        """Failures without a target, or with one that is out of reach."""
        return self.failures_without_reference + self.failures_out_of_reach


class Dataset(Frozen):
    rows: tuple[TrainingRow, ...]
    manifest: DatasetManifest


def dedupe(rows: Iterable[TrainingRow]) -> tuple[tuple[TrainingRow, ...], int]:
    """Keep the first row of each (kind, task digest, target); also return how many were dropped."""
    kept: dict[tuple[RowKind, str, str], TrainingRow] = {}
    total = 0
    for row in rows:
        total += 1
        kept.setdefault((row.kind, row.task_digest, row.target), row)
    return tuple(kept.values()), total - len(kept)


def from_elsewhere(rows: Iterable[TrainingRow]) -> tuple[RowsFrom, ...]:
    """Count the rows that are of no task of the run, by where they came from."""
    places = Counter(
        (row.kind, row.suite, row.origin, row.licence) for row in rows if row.kind in (RowKind.QUESTION, RowKind.LESSON)
    )
    return tuple(
        RowsFrom(kind=kind, suite=suite, origin=origin, licence=licence, rows=count)
        for (kind, suite, origin, licence), count in sorted(places.items())
    )


def overlap(here: Sequence[TrainingRow], earlier: Sequence[TrainingRow], *, name: str) -> Overlap:
    mine = {row.task_digest for row in here}
    theirs = {row.task_digest for row in earlier}
    return Overlap(
        earlier=name,
        shared=len(mine & theirs),
        only_here=len(mine - theirs),
        only_earlier=len(theirs - mine),
        union=len(mine | theirs),
    )


def contamination(rows: Iterable[TrainingRow], held_out: Iterable[str]) -> tuple[str, ...]:
    """Ids of rows whose task digest is among ``held_out`` digests."""
    held = set(held_out)
    return tuple(sorted({row.task_id for row in rows if row.task_digest in held}))


def within_reach(failures: Sequence[TrainingRow], share: float) -> list[TrainingRow]:
    """Take the target from all rows but the likeliest ``share``. Rows with a target have a ``loglik``."""
    taught = sorted((i for i, row in enumerate(failures) if row.trainable), key=lambda i: -(failures[i].loglik or 0.0))
    left_out = set(taught[max(1, round(share * len(taught))) :])
    without = {"target": "", "target_kind": None, "target_attempt": ""}
    return [row.model_copy(update=without) if i in left_out else row for i, row in enumerate(failures)]
