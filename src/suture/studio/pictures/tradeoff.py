"""Repaired against lost: a point a run, with its name and intervals. Up and left is better."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from suture.core.gate.statistics import lower_bound, upper_bound
from suture.studio.pictures.frame import Scale, Svg, shortened, ticks
from suture.studio.templating import rendered

_EACH = 0.975
"""Confidence of each end of a 95% interval."""


@dataclass(frozen=True)
class Point:
    """``protected`` and ``failing``: of how many tasks ``lost`` and ``repaired`` are counts. None: not known, so that
    there is no interval."""

    name: str
    lost: int
    repaired: int
    protected: int
    failing: int | None
    style: str = "kept"
    word: str = ""


def tradeoff(points: Sequence[Point]) -> Svg:
    """Draw 95% intervals (two Clopper-Pearson bounds each), as counts."""
    ends = [(_interval(one.lost, one.protected), _interval(one.repaired, one.failing)) for one in points]
    across, up = ticks(max(x[1] for x, _ in ends)), ticks(max(y[1] for _, y in ends))
    x_scale, y_scale = Scale(0, across[-1], 60, 470), Scale(0, up[-1], 290, 20)
    heights = _apart([(y_scale.at(one.repaired), at) for at, one in enumerate(points)])
    drawn: list[dict[str, Any]] = [
        {
            "one": one,
            "x": x_scale.at(one.lost),
            "y": y_scale.at(one.repaired),
            "left": x_scale.at(x[0]),
            "right": x_scale.at(x[1]),
            "low": y_scale.at(y[0]),
            "high": y_scale.at(y[1]),
            "label": heights[at],
            "name": shortened(one.name, 30),
        }
        for at, (one, (x, y)) in enumerate(zip(points, ends, strict=True))
    ]
    return Svg(
        rendered(
            "pictures/tradeoff.svg.jinja",
            drawn=drawn,
            across=[(x_scale.at(value), value) for value in across],
            up=[(y_scale.at(value), value) for value in up],
        )
    )


def _interval(count: int, total: int | None) -> tuple[float, float]:
    if not total:
        return float(count), float(count)
    return total * lower_bound(count, total, _EACH), total * upper_bound(count, total, _EACH)


def _apart(places: Sequence[tuple[float, int]], least: float = 16) -> dict[int, float]:
    """Heights of labels, in the order of their points, so that none lies on another."""
    found: dict[int, float] = {}
    last = -1e9
    for y, at in sorted(places):
        last = max(y, last + least)
        found[at] = round(last, 1)
    over = max(found.values(), default=0) - 288
    return {at: round(y - over, 1) for at, y in found.items()} if over > 0 else found
