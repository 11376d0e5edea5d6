"""How a repair was trained: loss and KL by step, anchors held along the way, the search for a scale."""

from collections.abc import Iterator, Sequence

from suture.core.model.adapter_records import AdapterRecord, EpochRecord, StepRecord
from suture.core.model.scaling import ScaleChoice
from suture.studio.pictures.curves import Line, curve
from suture.studio.pictures.frame import Svg


def training_pictures(trained: AdapterRecord, choice: ScaleChoice | None) -> Iterator[tuple[str, Svg]]:
    """A picture for each thing that was measured while an adapter was trained, by the name of its file.

    Args:
        choice: of a scale; None where none was searched for.
    """
    if trained.steps:
        yield from _losses(trained.steps, [one.step for one in trained.steps], "step")
    else:
        yield from _losses(trained.epochs, [one.epoch for one in trained.epochs], "epoch")
    yield from _along(trained)
    if choice is not None and choice.trials:
        yield "training-scale", _scales(choice)


def _losses(
    records: Sequence[EpochRecord | StepRecord], places: Sequence[int], across: str
) -> Iterator[tuple[str, Svg]]:
    along = list(zip(places, records, strict=True))
    loss = Line("loss", tuple((place, one.loss) for place, one in along))
    yield "training-loss", curve("loss, nats a token", [loss], across=across)
    kl = Line("on anchors", tuple((place, one.kl) for place, one in along if one.kl is not None))
    new = Line("on failures", tuple((place, one.kl_new) for place, one in along if one.kl_new is not None))
    if lines := [line for line in (kl, new) if line.points]:
        yield "training-kl", curve("KL(base ‖ model), nats a token", lines, across=across)


def _along(trained: AdapterRecord) -> Iterator[tuple[str, Svg]]:
    """What was measured of the adapters that were kept on the way."""
    chosen = next((one.step for one in trained.kept if one.sha256 == trained.sha256), None)
    moved = Line("how far from the base", tuple((one.step, one.kl) for one in trained.kept if one.kl is not None))
    held = Line(
        "said again, word for word",
        tuple((one.step, one.anchors_held) for one in trained.kept if one.anchors_held is not None),
    )
    if moved.points:
        yield "training-moved", curve("KL on failures, nats a token", [moved], across="step", mark=chosen)
    if held.points:
        yield "training-held", curve("anchors held, a share", [held], across="step", mark=chosen)


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
