"""The pictures of a grid of repairs, from the results that `suture experiment` left."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from suture.core.errors import BadFile
from suture.core.plan.cell_results import CellResult
from suture.files.complaints import wrong_value
from suture.files.small_files import read_json
from suture.studio.pictures.curves import Line, Seeds, curve, over_seeds
from suture.studio.pictures.frame import Svg
from suture.studio.pictures.tradeoff import Point, tradeoff


def is_experiment(path: Path) -> bool:
    """Whether a file holds the outcomes of a grid."""
    return path.name == "results.json" and path.is_file() and "outcomes" in read_json(path, what="experiment's results")


def experiment_pictures(path: Path) -> dict[str, Svg]:
    """By the name of its file, one of each for every protocol.

    Raises:
        BadFile: no results of a grid.
    """
    from pydantic import ValidationError

    mend = "suture experiment GRID writes results.json"
    try:
        found = read_json(path, what="experiment's results", mend=mend)["outcomes"]
        outcomes = [CellResult.model_validate(one) for one in found]
    except (KeyError, TypeError):
        raise BadFile(f"{path} holds no outcomes of a grid", mend=mend) from None
    except ValidationError as error:
        raise BadFile(f"{path}: not an experiment's results: {wrong_value(error)}", mend=mend) from None
    protocols = list(dict.fromkeys(one.protocol for one in outcomes))
    drawn: dict[str, Svg] = {}
    for protocol in protocols:
        here = [one for one in outcomes if one.protocol == protocol]
        suffix = "" if len(protocols) == 1 else f"-{protocol}"
        drawn |= {f"{name}{suffix}": svg for name, svg in _pictures(here)}
    return drawn


def _pictures(outcomes: Sequence[CellResult]) -> Iterator[tuple[str, Svg]]:
    yield "repaired-against-lost", tradeoff([_point(one) for one in outcomes])
    strategies = list(dict.fromkeys(one.strategy for one in outcomes))
    yield "kept-over-seeds", over_seeds([_seeds(name, outcomes) for name in strategies])
    lines = [Line(name, _by_scale([one for one in outcomes if one.strategy == name])) for name in strategies]
    if any(len({x for x, _ in line.points}) > 1 for line in lines):
        yield "kept-over-scale", curve("share of what worked that is kept", lines, across="scale of the adapter")


def _point(one: CellResult) -> Point:
    protected, kept = _anchors(one)
    style = "gained" if kept == protected else "lost"
    return Point(f"{one.strategy}, seed {one.seed}", one.lost, one.repaired, protected, None, style)


def _seeds(strategy: str, outcomes: Sequence[CellResult]) -> Seeds:
    here = sorted((one for one in outcomes if one.strategy == strategy), key=lambda one: one.seed)
    counts = [_anchors(one) for one in here]
    kept, repaired = tuple(kept for _, kept in counts), tuple(one.repaired for one in here)
    return Seeds(strategy, kept, max(total for total, _ in counts), repaired)


def _by_scale(outcomes: Sequence[CellResult]) -> tuple[tuple[float, float], ...]:
    """Mean share kept, by scale, over seeds and sizes; a scale that varies over depth is left out."""
    found: dict[float, list[float]] = {}
    for one in outcomes:
        total, kept = _anchors(one)
        try:
            found.setdefault(float(one.scale), []).append(kept / total if total else 0.0)
        except ValueError:
            continue
    return tuple((scale, sum(shares) / len(shares)) for scale, shares in sorted(found.items()))


def _anchors(one: CellResult) -> tuple[int, int]:
    """Protected tasks, and those of them that were kept."""
    parts = (one.anchors.replay, one.anchors.gate_only, one.anchors.elsewhere)
    return sum(part.total for part in parts), sum(part.kept for part in parts)
