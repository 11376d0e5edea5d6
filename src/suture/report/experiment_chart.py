"""Repaired against lost: a point a run, and the front of those that no other run beats."""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from suture.core.errors import MissingTool
from suture.core.plan.cell_results import CellResult, pareto_front
from suture.machine.installing import install_extra

_PACKAGES = {"altair": "altair", "vl_convert": "vl-convert-python"}
_SIZE = {"width": 420, "height": 320}
_FEWEST = 5
"""Tasks that an axis has room for, at the least."""


def require_charts() -> None:
    """Raises MissingTool: the extra ``[report]`` is not installed."""
    missing = [package for module, package in _PACKAGES.items() if find_spec(module) is None]
    if missing:
        raise MissingTool(f"pictures need {', '.join(missing)}", mend=install_extra("report"))


def render_chart(outcomes: Sequence[CellResult]) -> str:
    """SVG, one panel a protocol: lost to the right, repaired upwards, so that up and left is better."""
    require_charts()
    import altair as alt
    import vl_convert

    panels = [_panel(alt, protocol, outcomes) for protocol in dict.fromkeys(o.protocol for o in outcomes)]
    return vl_convert.vegalite_to_svg(alt.vconcat(*panels).to_json())


def _panel(alt: Any, protocol: str, outcomes: Sequence[CellResult]) -> Any:
    here = [outcome for outcome in outcomes if outcome.protocol == protocol]
    points = [
        {"lost": o.lost, "repaired": o.repaired, "strategy": o.strategy, "run": f"seed {o.seed}, size {o.size:g}"}
        for o in here
    ]
    front = [
        {"lost": lost, "repaired": repaired} for lost, repaired in pareto_front((o.lost, o.repaired) for o in here)
    ]
    x = alt.X("lost:Q", title="tasks lost", **_from_zero(alt, [o.lost for o in here]))
    y = alt.Y("repaired:Q", title="tasks repaired", **_from_zero(alt, [o.repaired for o in here]))
    line = alt.Chart(alt.Data(values=front)).mark_line(interpolate="step-after", color="gray", strokeDash=[4, 3])
    dots = alt.Chart(alt.Data(values=points)).mark_point(filled=True, size=70, opacity=0.75)
    shown = dots.encode(
        x=x, y=y, color=alt.Color("strategy:N", title="strategy"), shape=alt.Shape("strategy:N", title="strategy")
    )
    return (line.encode(x=x, y=y) + shown).properties(title=f"Protocol {protocol}", **_SIZE)


def _from_zero(alt: Any, counts: Sequence[int]) -> dict[str, Any]:
    """Whole tasks: on an axis shorter than a few of them, half a task would get a tick."""
    return {"axis": alt.Axis(tickMinStep=1), "scale": alt.Scale(domain=[0, max(_FEWEST, *counts)], nice=True)}
