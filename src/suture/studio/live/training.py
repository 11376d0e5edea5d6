"""What a repair was trained on and how that went: rows with their provenance, curves, the search for a scale."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from suture.core.model.adapter_records import AdapterRecord
from suture.core.model.scaling import ScaleChoice
from suture.core.plan.stages import HARVEST, SCALE, TRAIN
from suture.core.teach.dataset import Dataset, TrainingRow
from suture.store.datasets import read_dataset
from suture.store.run_paths import RunPaths
from suture.store.store import Store
from suture.studio.pages.answers import alone, both
from suture.studio.pictures.curves import Line, curve
from suture.studio.pictures.frame import Svg
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


def training_curves(store: Store, run: str) -> tuple[AdapterRecord | None, list[tuple[str, Svg]]]:
    """The adapter's record, and a picture for each thing that was measured while it was trained."""
    trained = store.ledger.result(run, TRAIN)
    if trained is None:
        return None, []
    found = [*_of_epochs(trained), *_of_steps(trained)]
    choice = store.ledger.result(run, SCALE)
    if choice is not None and choice.trials:
        found.append(("scale search", _scales(choice)))
    return trained, found


def _of_epochs(trained: AdapterRecord) -> Iterator[tuple[str, Svg]]:
    epochs = trained.epochs
    loss = Line("loss, nats a token", tuple((one.epoch, one.loss) for one in epochs))
    yield "loss", curve("loss", [loss], across="epoch")
    kl = Line("on anchors", tuple((one.epoch, one.kl) for one in epochs if one.kl is not None))
    new = Line("on failures", tuple((one.epoch, one.kl_new) for one in epochs if one.kl_new is not None))
    lines = [line for line in (kl, new) if line.points]
    if lines:
        yield "kl", curve("KL(base ‖ model), nats a token", lines, across="epoch")


def _of_steps(trained: AdapterRecord) -> Iterator[tuple[str, Svg]]:
    chosen = next((one.step for one in trained.kept if one.sha256 == trained.sha256), None)
    moved = Line("how far from the base", tuple((one.step, one.kl) for one in trained.kept if one.kl is not None))
    held = tuple((one.step, one.anchors_held) for one in trained.kept if one.anchors_held is not None)
    if moved.points:
        yield "moved", curve("KL on failures, nats a token", [moved], across="step", mark=chosen)
    if held:
        yield (
            "held",
            curve("anchors held, a share", [Line("said again, word for word", held)], across="step", mark=chosen),
        )


def _scales(choice: ScaleChoice) -> Svg:
    """Trials at the last step and an even scale over depth; others are in the table."""
    even = (one for one in choice.trials if one.step is None and one.first_layer == 1)
    plain = sorted(even, key=lambda one: one.scale)
    asked = [one for one in plain if one.failures]
    kept, repaired = (f" of {plain[0].anchors}" if plain else "", f" of {asked[0].failures}" if asked else "")
    lines = [
        Line(f"kept{kept}", tuple((one.scale, one.kept) for one in plain)),
        Line(f"repaired{repaired}", tuple((one.scale, one.repaired) for one in asked)),
    ]
    lines = [line for line in lines if line.points]
    return curve("tasks kept and repaired", lines, across="scale of the adapter", mark=choice.best.scale)
