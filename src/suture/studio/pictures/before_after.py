"""Every task as a square, before and after, in the same place; above 200 tasks as bars. And jobs as paired dots."""

from collections.abc import Sequence

from suture.studio.marks import CHANGED, SIGNS, UNPAIRED, Mark
from suture.studio.pairing import Pair
from suture.studio.pictures.frame import Scale, Svg, shortened, ticks
from suture.studio.said import Job
from suture.studio.templating import rendered

MOST_SQUARES = 200
_PER_ROW = 25
_SIZE = 13


def squares(pairs: Sequence[Pair], *, gained: str = "repaired") -> Svg:
    """Draw what passed before and after. Tasks that could not be paired are left out, and counted below."""
    marks = [one.mark for one in pairs if one.mark not in UNPAIRED]
    counts = {
        "lost": sum(mark in (Mark.LOST, Mark.SLIPPED) for mark in marks),
        "gained": marks.count(Mark.REPAIRED),
        "kept": marks.count(Mark.KEPT),
        "failing": marks.count(Mark.FAILING),
        "hold": sum(mark in (Mark.FAULT, Mark.OPEN) for mark in marks),
    }
    if len(marks) > MOST_SQUARES:
        return Svg(
            rendered(
                "pictures/bars.svg.jinja",
                counts=counts,
                total=len(marks),
                bars=_bars(counts, len(marks)),
                gained=gained,
            )
        )
    cells = [
        (8 + at % _PER_ROW * _SIZE, 24 + at // _PER_ROW * _SIZE, SIGNS[mark].style, mark)
        for at, mark in enumerate(marks)
    ]
    rows = -(-len(marks) // _PER_ROW)
    context = {
        "cells": cells,
        "counts": counts,
        "total": len(marks),
        "height": 24 + rows * _SIZE + 26,
        "gained": gained,
    }
    return Svg(rendered("pictures/squares.svg.jinja", changed=CHANGED, **context))


def _bars(counts: dict[str, int], total: int) -> list[list[tuple[str, float, float, int]]]:
    """Two rows of (style, x, width, count): before and after."""
    sides = (("kept", "lost", "failing", "gained", "hold"), ("kept", "gained", "failing", "lost", "hold"))
    drawn: list[list[tuple[str, float, float, int]]] = []
    for side, order in enumerate(sides):
        at = 70.0
        row: list[tuple[str, float, float, int]] = []
        for name in order:
            width = 560 * counts[name] / total
            passing = name == "kept" or (name == "lost" and side == 0) or (name == "gained" and side == 1)
            style = name if passing or name == "hold" else "failing"
            row.append((style, round(at, 1), round(width, 1), counts[name]))
            at += width
        drawn.append(row)
    return drawn


def by_job(jobs: Sequence[Job]) -> Svg:
    """Draw each job's passes before (ring) and after (dot) on one scale."""
    high = max([job.after for job in jobs] + [job.before or 0 for job in jobs] + [1])
    marks = ticks(high)
    scale = Scale(0, marks[-1], 170, 560)
    rows = [
        {
            "name": shortened(job.name, 24),
            "y": 22 + at * 24,
            "before": None if job.before is None else scale.at(job.before),
            "after": scale.at(job.after),
            "job": job,
            "style": "kept" if job.before in (None, job.after) else "gained" if job.after > job.before else "lost",
        }
        for at, job in enumerate(jobs)
    ]
    context = {"rows": rows, "ticks": [(scale.at(value), value) for value in marks], "height": 22 + len(rows) * 24 + 22}
    return Svg(rendered("pictures/by_job.svg.jinja", **context))
