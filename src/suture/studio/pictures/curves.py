"""Lines over steps, epochs or scales, and dots over seeds."""

from collections.abc import Sequence
from dataclasses import dataclass

from suture.studio.pictures.frame import Scale, Svg, shortened, ticks
from suture.studio.templating import rendered

_STYLES = ("gained", "lost", "kept", "hold")
_SIGNS = ("●", "■", "▲", "◆")
MOST_MARKED = 30
"""Points of a line that have a sign each, and are told one by one."""


@dataclass(frozen=True)
class Line:
    """``points``: x and y, in order of x."""

    name: str
    points: tuple[tuple[float, float], ...]


def curve(title: str, lines: Sequence[Line], *, across: str, mark: float | None = None, height: int = 190) -> Svg:
    """Draw lines on one pair of axes, each with a sign of its own.

    Args:
        across: what is on the horizontal axis.
        mark: where a choice was made, on it.
    """
    xs = sorted({x for line in lines for x, _ in line.points}) or [0.0, 1.0]
    up = ticks(max([y for line in lines for _, y in line.points] + [0.0]), 4)
    low = 0.0 if len(xs) == 1 else xs[0]
    x_scale, y_scale = Scale(low, xs[-1] or 1.0, 56, 360), Scale(0, up[-1], height - 42, 26)
    shown = xs if len(xs) <= 7 else xs[:: -(-len(xs) // 7)]
    drawn = [
        {
            "name": shortened(line.name, 34),
            "style": _STYLES[at % 4],
            "sign": _SIGNS[at % 4],
            "path": "M" + "L".join(f"{x_scale.at(x)} {y_scale.at(y)}" for x, y in line.points) if line.points else "",
            "points": [(x_scale.at(x), y_scale.at(y), x, y) for x, y in line.points],
            "last": line.points[-1][1] if line.points else None,
            "said": _said(line.points),
        }
        for at, line in enumerate(lines)
    ]
    return Svg(
        rendered(
            "pictures/curve.svg.jinja",
            title=title,
            drawn=drawn,
            across=across,
            xs=[(x_scale.at(x), x) for x in shown],
            up=[(y_scale.at(y), y) for y in up],
            mark=None if mark is None else (x_scale.at(mark), mark),
            most=MOST_MARKED,
            height=height + 16 * len(lines),
            floor=height - 42,
        )
    )


def _said(points: Sequence[tuple[float, float]]) -> str:
    """The line in words, for who cannot see it: every point, or of many the ends and the extremes."""
    if len(points) > MOST_MARKED:
        low, high = min(points, key=lambda one: one[1]), max(points, key=lambda one: one[1])
        told = {"first": points[0], "last": points[-1], "least": low, "most": high}
        return ", ".join(f"{name} {y:g} at {x:g}" for name, (x, y) in told.items())
    return ", ".join(f"{y:g} at {x:g}" for x, y in points)


@dataclass(frozen=True)
class Seeds:
    """One strategy: how many were kept of how many, and repaired, by seed."""

    name: str
    kept: tuple[int, ...]
    total: int
    repaired: tuple[int, ...]


def over_seeds(rows: Sequence[Seeds]) -> Svg:
    """Draw a dot a seed on one scale: what worked and still does."""
    high = max([row.total for row in rows] + [1])
    marks = ticks(high)
    scale = Scale(0, marks[-1], 170, 500)
    drawn = [
        {
            "name": shortened(row.name, 24),
            "y": 24 + at * 26,
            "dots": [scale.at(kept) for kept in row.kept],
            "end": scale.at(row.total),
            "row": row,
            "style": "gained" if min(row.kept, default=0) == row.total else "lost",
        }
        for at, row in enumerate(rows)
    ]
    context = {
        "drawn": drawn,
        "ticks": [(scale.at(value), value) for value in marks],
        "height": 24 + len(rows) * 26 + 38,
    }
    return Svg(rendered("pictures/over_seeds.svg.jinja", **context))
