"""``suture gate BASELINE CANDIDATE``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.flags import flags_of
from suture.cli.open_store import open_store
from suture.cli.options import Common, require_no_directory
from suture.cli.output import emit
from suture.cli.sides import Sides
from suture.core.errors import ExitCode
from suture.core.gate.decision import Decision
from suture.core.gate.rules import GateRules
from suture.files.small_files import write_json, write_text
from suture.report.changes import task_changes
from suture.report.evidence import overrides_of
from suture.report.markdown import render_gate
from suture.report.terminal import gate_text
from suture.wiring.gate import gate as decide

EXIT_CODES = {
    Decision.PROMOTE: ExitCode.DONE,
    Decision.REJECT: ExitCode.REJECTED,
    Decision.HOLD: ExitCode.FAULT,
}


def gate(
    *files: Annotated[Path, Parameter(help="The baseline's file and the candidate's.")],
    sides: Sides | None = None,
    drawn: Annotated[
        list[Path] | None,
        Parameter(
            negative="",
            help="Draws of the baseline, with sampling, of the tasks it passes; a task that one of them fails is not "
            "protected. `suture heal` leaves them in its run, as repeats/draw-1.json and so on.",
        ),
    ] = None,
    out: Annotated[Path, Parameter(help="Where the gate report is written.")] = Path("gate.json"),
    markdown: Annotated[Path | None, Parameter(help="Also write it for people, with the answers.")] = None,
    rules: Annotated[GateRules, flags_of(GateRules)] = GateRules(),
    model: Annotated[str | None, Parameter(help="Hold it to this model's held-out tasks.")] = None,
    common: Common | None = None,
) -> int:
    """Compare a candidate with everything that passed before: one protected anchor lost rejects.

    Held-out tasks are those of split `holdout`, or all tasks of a file without splits. Each candidate shown to them is
    counted in the store, and each look costs part of alpha.

    Unless they are given, --baseline-runs, --repeats, --max-repeats and --draws ask for no more than there are files.

    Exit code: 0 promote, 1 reject, 3 hold, 4 not measured the same way.

    Example: suture gate baseline.json candidate.json --out gate.json
    """
    common = common or Common()
    require_no_directory(out)
    read = (sides or Sides()).read(files, verb="gate")
    baseline, candidate = read.sheets
    report = decide(baseline, candidate, rules, drawn=drawn or (), model=model, home=common.home)
    write_json(out, report.to_json())
    files_written = {"report": str(out)}
    if markdown is not None:
        changes = task_changes(report, baseline[0], candidate[0])
        write_text(markdown, render_gate(report, changes, read=[reading.says for reading in read.foreign]))
        files_written["markdown"] = str(markdown)
    text = "\n".join(
        [
            gate_text(report),
            *_against(common, model),
            "",
            *read.lines,
            *(f"{name:<8} {path}" for name, path in files_written.items()),
        ]
    )
    told = [reading.to_json() for reading in read.foreign]
    emit({**report.to_json(), "file": str(out), "read": told}, text, as_json=common.json)
    return int(EXIT_CODES[report.decision])


def _against(common: Common, model: str | None) -> list[str]:
    """What was promoted of this model although the gate did not say so."""
    if model is None:
        return []
    with open_store(common) as store:
        return overrides_of(store.ledger.events(), model)
