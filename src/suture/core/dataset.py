"""What a repair is trained on: failures to mend and anchors to keep, each row with its provenance."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from pydantic import Field

from suture.core.digest import digest_of
from suture.core.frozen import Frozen
from suture.core.verdict import Reason


class RowKind(StrEnum):
    FAILURE = "failure"
    """A task the model got wrong; the target is the reference answer."""
    ANCHOR = "anchor"
    """A task the model passes; the target is the model's own passing answer."""


class Row(Frozen):
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

    @property
    def trainable(self) -> bool:
        return bool(self.target)


class Overlap(Frozen):
    """How one dataset relates to an earlier one, counted by task digest."""

    earlier: str
    shared: int
    only_here: int
    only_earlier: int
    union: int


class DatasetManifest(Frozen):
    """Written beside ``rows.jsonl``. ``contaminated`` lists tasks that are also in the held-out split: always empty
    in a dataset Suture wrote."""

    schema_version: int = 1
    rows_sha256: str
    failures: int = Field(ge=0)
    failures_without_reference: int = Field(ge=0)
    anchors: int = Field(ge=0)
    duplicates_dropped: int = Field(ge=0)
    contaminated: tuple[str, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    scoreboard: str
    """Digest of the scoreboard the rows were harvested from."""


class Dataset(Frozen):
    rows: tuple[Row, ...]
    manifest: DatasetManifest


def dedupe(rows: Iterable[Row]) -> tuple[tuple[Row, ...], int]:
    """Keep the first row of each (kind, task digest, target); also return how many were dropped."""
    kept: dict[tuple[RowKind, str, str], Row] = {}
    total = 0
    for row in rows:
        total += 1
        kept.setdefault((row.kind, row.task_digest, row.target), row)
    return tuple(kept.values()), total - len(kept)


def overlap(here: Sequence[Row], earlier: Sequence[Row], *, name: str) -> Overlap:
    mine = {row.task_digest for row in here}
    theirs = {row.task_digest for row in earlier}
    return Overlap(
        earlier=name,
        shared=len(mine & theirs),
        only_here=len(mine - theirs),
        only_earlier=len(theirs - mine),
        union=len(mine | theirs),
    )


def contamination(rows: Iterable[Row], held_out: Iterable[str]) -> tuple[str, ...]:
    """Ids of rows whose task digest is among ``held_out`` digests."""
    held = set(held_out)
    return tuple(sorted({row.task_id for row in rows if row.task_digest in held}))


def seeded_share(rows: Sequence[Row], share: float, *, seed: int) -> tuple[Row, ...]:
    """The ``round(share * n)`` rows (at least one) whose seeded hash is smallest, in their first order.

    Nested: a larger share with the same seed contains every smaller one.
    """
    if not rows:
        return ()
    keep = max(1, round(share * len(rows)))
    ranked = sorted(range(len(rows)), key=lambda i: digest_of([seed, rows[i].task_digest]))
    return tuple(rows[i] for i in sorted(ranked[:keep]))
