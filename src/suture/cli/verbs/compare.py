"""``suture compare A B``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.options import Common
from suture.cli.output import emit, say
from suture.cli.page_options import PageOptions
from suture.cli.sides import Sides
from suture.core.gate.gate_report import GateReport
from suture.files.small_files import write_text
from suture.report.markdown import render_comparison
from suture.report.terminal import comparison_text
from suture.wiring.compare import compare as run_compare
from suture.wiring.pages import compare_page

DECISIONS = {"decision", "reasons", "settles", "anchors", "look", "protected", "kept", "lost"}
"""Fields of a gate report that a comparison has no say in: nothing is protected, and nothing is spent."""


def compare(
    *files: Annotated[Path, Parameter(help="Two files of measurements.")],
    sides: Sides | None = None,
    markdown: Annotated[Path | None, Parameter(help="Also write it for people, with both answers.")] = None,
    page: PageOptions | None = None,
    common: Common | None = None,
) -> int:
    """Show what differs between two measurements of the same tasks. Decides nothing.

    Tasks of split `holdout` are left out: only `suture gate` shows them, and counts the look.

    Example: suture compare before.json after.json --html changes.html
    """
    common, page = common or Common(), page or PageOptions()
    page.require_writable()
    read = (sides or Sides()).read(files, verb="compare")
    found = run_compare(*read.sheets)
    if found.left_out:
        say(f"{len(found.left_out)} held-out tasks are left out: `suture gate` looks at them, and counts the look")
    if markdown is not None:
        told = [reading.says for reading in read.foreign]
        write_text(markdown, render_comparison(found.report, found.changes, read=told))
    shown = page.write(compare_page(found.report, read.before[0], read.after[0], found.left_out))
    written = [] if shown is None else [f"page     {shown}"]
    result = {**_as_json(found.report, found.left_out), "read": [reading.to_json() for reading in read.foreign]}
    emit(result, "\n".join([comparison_text(found.report), "", *read.lines, *written]), as_json=common.json)
    return 0


def _as_json(report: GateReport, left_out: Sequence[str]) -> dict[str, object]:
    kept = {name: value for name, value in report.to_json().items() if name not in DECISIONS}
    return {**kept, "lost": kept.pop("slipped"), "gained": kept.pop("repaired"), "left_out": list(left_out)}
