"""What a repair was trained on: rows with their provenance, and what was left out."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from suture.core.plan.stages import HARVEST
from suture.core.teach.dataset import Dataset, TrainingRow
from suture.store.datasets import read_dataset
from suture.store.run_paths import RunPaths
from suture.store.store import Store
from suture.studio.pages.answers import alone, both
from suture.studio.plain_text import MOST_SHOWN


def dataset_of(store: Store, run: str, directory: str) -> Dataset | None:
    """The rows of a run; None before they were harvested. Raises BadFile: they were changed since."""
    if store.ledger.result(run, HARVEST) is None:
        return None
    return read_dataset(RunPaths(store.home.absolute(directory)).dataset)


@dataclass(frozen=True)
class RowView:
    """A training row; ``own`` and ``target`` are compared where both are there."""

    row: TrainingRow
    prompt: Markup
    own: Markup
    target: Markup


def row_view(row: TrainingRow) -> RowView:
    own, target = both(row.answer, row.target, most=MOST_SHOWN, diff=bool(row.answer and row.target))
    return RowView(row, alone(row.prompt, most=MOST_SHOWN), own, target)


def left_out(dataset: Dataset) -> Iterator[tuple[str, int]]:
    """Why failures and anchors are not taught, with counts."""
    manifest = dataset.manifest
    yield "failures without a reference, so that nothing could be taught", manifest.failures_without_reference
    yield "failures out of reach: the target is too unlikely under the base", manifest.failures_out_of_reach
    yield "rows that were there twice", manifest.duplicates_dropped
    yield "anchors kept for the gate alone, so that nothing can train on them", len(manifest.gate_only)
    yield "rows of tasks that are also held out (must be 0)", len(manifest.contaminated)


def by_target(dataset: Dataset) -> Sequence[tuple[str, str, int]]:
    """Kind of row, where its target came from, count."""
    counts = Counter(
        (row.kind.value, row.target_kind.value if row.target_kind else "none", row.trainable) for row in dataset.rows
    )
    return [(kind, target if taught else "nothing to teach", n) for (kind, target, taught), n in counts.most_common()]
