"""``suture gate BASELINE CANDIDATE``."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from suture.cli.opened import open_store
from suture.cli.options import Common, require_no_directory
from suture.cli.output import emit
from suture.cli.sides import Sides, asking_no_more
from suture.core.digest import digest_of
from suture.core.errors import ExitCode
from suture.core.gate.decision import Decision
from suture.core.gate.decision import gate as decide
from suture.core.gate.looks import Look, Trial, look_at, require_pinned
from suture.core.gate.rules import GateRules
from suture.core.measure.sheet import Sheet, held_out, held_out_digest
from suture.core.measure.splits import Split
from suture.files.read_write import write_json, write_text
from suture.report.changes import task_changes
from suture.report.evidence import overrides_of
from suture.report.markdown import render_gate
from suture.report.terminal import gate_text
from suture.store.clock import now

EXIT_CODES = {
    Decision.PROMOTE: ExitCode.DONE,
    Decision.REJECT: ExitCode.REJECTED,
    Decision.HOLD: ExitCode.FAULT,
}
RULES = GateRules()


def gate(
    *files: Annotated[Path, Parameter(help="The baseline's file and the candidate's.")],
    sides: Sides | None = None,
    out: Annotated[Path, Parameter(help="Where the gate report is written.")] = Path("gate.json"),
    markdown: Annotated[Path | None, Parameter(help="Also write it for people, with the answers.")] = None,
    min_repaired: Annotated[int, Parameter(help="Hold a candidate that repairs fewer tasks.")] = RULES.min_repaired,
    protect: Annotated[
        Literal["all", "none"], Parameter(help="Whether one lost anchor rejects, or only the pass rate counts.")
    ] = "all",
    margin: Annotated[float, Parameter(help="The anchor loss rate promised.")] = RULES.margin,
    confidence: Annotated[float, Parameter(help="With which it is promised.")] = RULES.confidence,
    holdout_margin: Annotated[
        float, Parameter(help="What the candidate may cost of the pass rate.")
    ] = RULES.holdout_margin,
    alpha: Annotated[float, Parameter(help="Chance of a wrong statement, over all looks.")] = RULES.alpha,
    certify: Annotated[bool, Parameter(negative="", help="Hold where there are too few tasks to show it.")] = False,
    require_gain: Annotated[bool, Parameter(negative="", help="Hold without a significant gain.")] = False,
    model: Annotated[str | None, Parameter(help="Hold it to this model's held-out tasks.")] = None,
    fresh_holdout: Annotated[
        bool, Parameter(negative="", help="The model's held-out tasks are meant to be others than before.")
    ] = False,
    common: Common | None = None,
) -> int:
    """Compare a candidate with everything that passed before: one protected anchor lost rejects.

    Held-out tasks are those of split `holdout`, or all tasks of a file without splits. Each candidate shown to them is
    counted in the store, and each look costs part of alpha.

    Exit code: 0 promote, 1 reject, 3 hold, 4 not measured the same way.

    Example: suture gate baseline.json candidate.json --out gate.json
    """
    common = common or Common()
    require_no_directory(out)
    read = (sides or Sides()).read(files, verb="gate")
    baseline, candidate = read.sheets
    rules = GateRules(
        min_repaired=min_repaired,
        protect=tuple(Split) if protect == "all" else (),
        margin=margin,
        confidence=confidence,
        holdout_margin=holdout_margin,
        alpha=alpha,
        certify=certify,
        require_gain=require_gain,
        fresh_holdout=fresh_holdout,
    )
    rules = asking_no_more(rules, baseline, candidate)
    decide(baseline, candidate, rules)  # refuses before a look is paid for
    report = decide(baseline, candidate, rules, _pay(common, baseline, candidate, rules, model))
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


def _pay(
    common: Common, baseline: list[Sheet], candidate: list[Sheet], rules: GateRules, model: str | None
) -> Look | None:
    """Count this candidate among those its held-out tasks were shown to."""
    digests = {task_id: baseline[0].entries[task_id].digest for task_id in held_out(baseline[0])}
    holdout = held_out_digest(digests) if digests else None
    with open_store(common) as store:
        if model is not None:
            require_pinned(store.ledger.trials(), model, holdout, fresh=rules.fresh_holdout)
        if holdout is None:
            return None
        trial = Trial(
            holdout=holdout,
            candidate=candidate[0].subject,
            evidence=digest_of([sheet.digest for sheet in (*baseline, *candidate)]),
            model=model,
            tasks=len(digests),
            at=now(),
        )
        store.ledger.add_trial(trial)
        return look_at(store.ledger.trials(), trial, rules.alpha)
