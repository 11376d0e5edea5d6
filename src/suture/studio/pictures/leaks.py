"""The leak matrix: a row a suite, a column a route, with sign and word in every cell."""

from suture.router.findings import Audit
from suture.studio.pictures.frame import Svg, shortened
from suture.studio.routing import columns_of, headline_of, rows_of
from suture.studio.templating import rendered

_LABEL, _CELL, _HIGH = 210, 118, 34


def leak_matrix(audit: Audit) -> Svg:
    """Draw how many prompts of each suite take each route."""
    columns = columns_of(audit)
    rows = [
        {
            "name": shortened(row.suite, 28),
            "owner": shortened(row.owner, 26),
            "row": row,
            "y": 34 + at * _HIGH,
            "cells": [(_LABEL + place * _CELL, cell) for place, cell in enumerate(row.cells)],
        }
        for at, row in enumerate(rows_of(audit))
    ]
    return Svg(
        rendered(
            "pictures/leaks.svg.jinja",
            columns=[(_LABEL + at * _CELL + _CELL / 2 - 3, shortened(name, 15)) for at, name in enumerate(columns)],
            names=columns,
            rows=rows,
            cell=(_CELL - 6, _HIGH - 6),
            says=headline_of(audit)[2],
            width=_LABEL + len(columns) * _CELL,
            height=34 + len(rows) * _HIGH + 8,
        )
    )
