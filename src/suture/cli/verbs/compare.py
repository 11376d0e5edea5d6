"""``suture compare A B``."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.options import Common
from suture.cli.output import emit, say
from suture.cli.sides import Sides, asking_no_more
from suture.core.errors import UsageError
from suture.core.gate.decision import GateReport
from suture.core.gate.decision import gate as decide
from suture.core.gate.rules import GateRules
from suture.core.measure.sheet import Sheet
from suture.core.measure.splits import Split
from suture.files.read_write import write_text
from suture.report.changes import task_changes
from suture.report.markdown import render_comparison
from suture.report.terminal import comparison_text

DECISIONS = {"decision", "reasons", "settles", "anchors", "look", "protected", "kept", "lost"}
"""Fields of a gate report that a comparison has no say in: nothing is protected, and nothing is spent."""


def compare(
    *files: Annotated[Path, Parameter(help="Two files of measurements.")],
    sides: Sides | None = None,
    markdown: Annotated[Path | None, Parameter(help="Also write it for people, with both answers.")] = None,
    common: Common | None = None,
) -> int:
    """Show what differs between two measurements of the same tasks. Decides nothing.

    Tasks of split `holdout` are left out: only `suture gate` shows them, and counts the look.

    Example: suture compare before.json after.json --markdown changes.md
    """
    common = common or Common()
    read = (sides or Sides()).read(files, verb="compare")
    before, after = read.sheets
    held = [task_id for task_id, entry in before[0].entries.items() if entry.split is Split.HOLDOUT]
    before, after = ([_without(sheet, set(held)) for sheet in side] for side in (before, after))
    if not before[0].entries:
        raise UsageError("every task there is held out", mend="suture gate before.json after.json")
    if held:
        say(f"{len(held)} held-out tasks are left out: `suture gate` looks at them, and counts the look")
    report = decide(before, after, asking_no_more(GateRules(protect=()), before, after))
    changes = task_changes(report, before[0], after[0])
    if markdown is not None:
        write_text(markdown, render_comparison(report, changes, read=[reading.says for reading in read.foreign]))
    result = {**_as_json(report, held), "read": [reading.to_json() for reading in read.foreign]}
    emit(result, "\n".join([comparison_text(report), "", *read.lines]), as_json=common.json)
    return 0


def _without(sheet: Sheet, held: set[str]) -> Sheet:
    """Tasks without a split, so that all of them are tested."""
    entries = {t: replace(entry, split=None) for t, entry in sheet.entries.items() if t not in held}
    return replace(sheet, entries=entries)


def _as_json(report: GateReport, held: list[str]) -> dict[str, object]:
    kept = {name: value for name, value in report.to_json().items() if name not in DECISIONS}
    return {**kept, "lost": kept.pop("slipped"), "gained": kept.pop("repaired"), "left_out": held}
