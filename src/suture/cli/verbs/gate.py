"""``suture gate BEFORE AFTER``."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.flags import flags_of
from suture.cli.gate_files import GateFiles
from suture.cli.open_store import open_store
from suture.cli.options import Common, points, require_no_directory
from suture.cli.output import emit, table
from suture.cli.page_options import PageOptions
from suture.cli.sides import Sides
from suture.core.errors import ExitCode, UsageError
from suture.core.gate.gate_report import Decision, GateReport
from suture.core.gate.losses import losses_of
from suture.core.gate.planning import GatePlan, plan_gate
from suture.core.gate.policies import CountLooks, GatePolicy
from suture.core.gate.rules import GateRules
from suture.core.measure.sheet import held_out
from suture.files.small_files import read_model
from suture.harnesses.read import read_results
from suture.report.by_hand import by_hand
from suture.report.evidence import evidence_lines, overrides_of
from suture.report.terminal import MOST_NAMED, numbers_table
from suture.report.verdict import loss_lines, plain_words, verdict_line, verdict_word
from suture.wiring.gate import both_sides
from suture.wiring.gate_by_policy import gate_by_policy
from suture.wiring.init_job import shipped_results
from suture.wiring.pages import gate_page

EXIT_CODES = {
    Decision.PROMOTE: ExitCode.DONE,
    Decision.REJECT: ExitCode.REJECTED,
    Decision.HOLD: ExitCode.HELD,
}
RULE_FLAGS = {"margin": "anchor-margin", "looks": "most-looks"}
"""Fields of ``GateRules`` whose own names stand for something simpler here."""


class OnHold(StrEnum):
    """What a hold ends in."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"


def gate(
    *files: Annotated[Path, Parameter(help="The results before and the results after.")],
    sides: Sides | None = None,
    policy: Annotated[
        GatePolicy | None,
        Parameter(
            help="no-worse: the pass rate fell by no more than the margin. no-lost: what passed still passes. "
            "better: no worse, and a gain that chance does not explain. Default no-worse, with --certify no-lost."
        ),
    ] = None,
    margin: Annotated[
        str | None,
        Parameter(help="How far it may fall: 2pt, 2% or 0.02. Default the smallest that these tasks can prove."),
    ] = None,
    looks: Annotated[
        CountLooks | None,
        Parameter(help="count: the store counts this look, and it costs part of alpha. Default off."),
    ] = None,
    hold: Annotated[OnHold, Parameter(help="How a hold ends: fail is exit code 3, pass is 0.")] = OnHold.FAIL,
    plan: Annotated[bool, Parameter(negative="", help="Only say how many tasks show what; one FILE or none.")] = False,
    look: Annotated[
        bool, Parameter(negative="", help="A first look: two invented files that come with Suture.")
    ] = False,
    explain: Annotated[
        Path | None, Parameter(help="Go by hand through the numbers of a gate report, such as gate.json.")
    ] = None,
    drawn: Annotated[
        list[Path] | None,
        Parameter(
            negative="",
            help="Draws of the baseline, with sampling, of the tasks it passes; a task that one of them fails is not "
            "protected. `suture heal` leaves them in its run, as repeats/draw-1.json and so on.",
        ),
    ] = None,
    out: Annotated[
        list[Path] | None,
        Parameter(
            name=("--out", "-o"),
            negative="",
            help="Files to write, by endings: .json, .md, .html, .xml (JUnit); default gate.json.",
        ),
    ] = None,
    markdown: Annotated[Path | None, Parameter(help="Also write it for people, with the answers.")] = None,
    page: PageOptions | None = None,
    rules: Annotated[GateRules, flags_of(GateRules, RULE_FLAGS)] = GateRules(),
    model: Annotated[str | None, Parameter(help="Hold it to this model's held-out tasks; looks are counted.")] = None,
    common: Common | None = None,
) -> int:
    """Say whether one measurement is as good as another. Asks nothing: two files are enough.

    Check each pull request, certify each release: --certify counts looks at the tasks, and wants the promise proved.
    A rule that is given stands before what the policy means. Held-out tasks are those of split `holdout`, or all tasks
    of a file without splits; only they prove anything about tasks that nobody has seen.

    Unless they are given, --baseline-runs, --repeats, --max-repeats and --draws ask for no more than there are files.

    Exit code: 0 no worse, 1 worse or lost, 2 wrong use, 3 hold: not enough to tell, 4 not comparable, 5 no verdict,
    6 no permission. The first line is the verdict.

    Example: suture gate before.jsonl after.jsonl

    Example: suture gate --look

    Example: suture gate before.json after.json --policy no-lost --out gate.json --out gate.md

    Example: suture gate before.json after.json --certify --margin 2pt

    Example: suture gate --plan before.jsonl --margin 2pt

    Example: suture gate --explain gate.json
    """
    common, sides = common or Common(), sides or Sides()
    allowed = None if margin is None else points(margin, "--margin")
    if explain is not None:
        return _explain(explain, common)
    if plan:
        return _plan(files, sides, allowed, common)
    outs, page = GateFiles.named(out, markdown), page or PageOptions()
    page.require_writable()
    for path in outs.paths:
        require_no_directory(path)
    read = sides.read(shipped_results() if look else files, verb="gate")
    draws, _ = both_sides(drawn or (), ())
    report = gate_by_policy(
        *read.sheets,
        policy or (GatePolicy.NO_LOST if rules.certify else GatePolicy.NO_WORSE),
        rules,
        margin=allowed,
        looks=looks or (CountLooks.COUNT if rules.certify or model else CountLooks.OFF),
        drawn=draws,
        model=model,
        home=common.home,
    )
    written = outs.write(report, *read.sheets, read=[reading.says for reading in read.foreign])
    against = _against(common, model)
    required = ("gain",) if rules.require_gain or policy is GatePolicy.BETTER else ()
    shown = gate_page(report, read.before, read.after, drawn=draws, notes=against, required=required)
    page_files = page.write_all(shown, outs.pages, beside=outs.json)
    pages = [f"page     {path}" for path in page_files]
    text = "\n".join([*_text(report), *against, "", *read.lines, *written, *pages])
    told = {
        "verdict": verdict_word(report),
        "line": verdict_line(report),
        "says": plain_words(report),
        "losses": [loss.to_json() for loss in losses_of(report)],
        "file": str(outs.json),
        "page": str(page_files[0]),
        "read": [reading.to_json() for reading in read.foreign],
    }
    emit({**report.to_json(), **told}, text, as_json=common.json)
    return int(_code(report, hold))


def _code(report: GateReport, hold: OnHold) -> ExitCode:
    """A hold because something broke down is never let through."""
    if report.decision is Decision.HOLD and report.faulted:
        return ExitCode.FAULT
    if report.decision is Decision.HOLD and hold is OnHold.PASS:
        return ExitCode.DONE
    return EXIT_CODES[report.decision]


def _text(report: GateReport) -> list[str]:
    return [
        verdict_line(report),
        "",
        *plain_words(report),
        "",
        *loss_lines(report, MOST_NAMED),
        "",
        numbers_table(report.rows),
        "",
        *evidence_lines(report, settling=False),
    ]


def _explain(path: Path, common: Common) -> int:
    report = read_model(path, GateReport, what="gate report", mend="suture gate BEFORE AFTER --out gate.json")
    text = by_hand(report)
    emit({"explained": text.split("\n")}, text, as_json=common.json)
    return 0


def _plan(files: Sequence[Path], sides: Sides, margin: float | None, common: Common) -> int:
    if len(files) > 1:
        raise UsageError("--plan takes one file, or none", mend="suture gate --plan before.jsonl")
    tasks = len(held_out(read_results(files[0], sides.choices(0)).sheets[0])) if files else None
    found = plan_gate(tasks, margin)
    emit(found.to_json(), _plan_text(found), as_json=common.json)
    return 0


def _plan_text(plan: GatePlan) -> str:
    header = ["to show that it fell by at most", *("none lost" if n == 0 else f"{n} lost" for n in plan.losses)]
    rows = [
        [f"{row.margin * 100:g} point{'' if row.margin == 0.01 else 's'}", *map(str, row.tasks)] for row in plan.rows
    ]
    lines = ["tasks that are needed, with nothing gained:", "", table(header, rows)]
    if plan.yours is not None:
        shown = [f"{share * 100:.1f}" for share in plan.shows]
        lines += ["", table([f"{plan.yours} tasks show, in points", *header[1:]], [["fell by at most", *shown]])]
    sure = f"{(1 - plan.alpha) * 100:g}%"
    lines += ["", f"{sure} sure, each time. With looks counted (--certify), later looks need more: docs/ci.md"]
    return "\n".join(lines)


def _against(common: Common, model: str | None) -> list[str]:
    """What was promoted of this model although the gate did not say so."""
    if model is None:
        return []
    with open_store(common) as store:
        return overrides_of(store.ledger.events(), model)
