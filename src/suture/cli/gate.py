"""``suture gate BASELINE CANDIDATE``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.options import Common, require_no_directory
from suture.cli.output import emit
from suture.core.errors import ExitCode
from suture.core.gate import Decision, GateRules
from suture.core.gate import gate as decide
from suture.core.scoreboard import Scoreboard
from suture.files.read_write import read_model, write_json
from suture.report.terminal import change_lists, numbers_table

EXIT_CODES = {
    Decision.PROMOTE: ExitCode.DONE,
    Decision.REJECT: ExitCode.REJECTED,
    Decision.HOLD: ExitCode.FAULT,
}


def gate(
    baseline: Annotated[Path, Parameter(help="Scoreboard of the model in service, from `suture bench`.")],
    candidate: Annotated[Path, Parameter(help="Scoreboard of the new pack, measured the same way.")],
    /,
    *,
    out: Annotated[Path, Parameter(help="Where the gate report is written.")] = Path("gate.json"),
    min_repaired: Annotated[int, Parameter(help="Hold a candidate that repairs fewer tasks.")] = 1,
    common: Common | None = None,
) -> int:
    """Compare a candidate with everything that passed before: one protected anchor lost rejects.

    Exit code: 0 promote, 1 reject, 3 hold.

    Example: suture gate baseline.json candidate.json --out gate.json
    """
    common = common or Common()
    require_no_directory(out)
    mend = "suture bench MODEL --suite humaneval"
    report = decide(
        read_model(baseline, Scoreboard, what="scoreboard", mend=mend),
        read_model(candidate, Scoreboard, what="scoreboard", mend=mend),
        GateRules(min_repaired=min_repaired),
    )
    write_json(out, report.to_json())
    lines = [
        f"{report.decision.value.upper()}: {'; '.join(report.reasons)}",
        "",
        numbers_table(report.rows),
        "",
        *change_lists(report),
        f"report   {out}",
    ]
    emit({**report.to_json(), "file": str(out)}, "\n".join(lines), as_json=common.json)
    return int(EXIT_CODES[report.decision])
