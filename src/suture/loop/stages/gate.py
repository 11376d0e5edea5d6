"""Stage ``gate``: promote, reject or hold, from all that was measured of both sides."""

from collections.abc import Sequence

from suture.core.gate.anchors import anchors_kept
from suture.core.gate.decision import gate as decide
from suture.core.gate.gate_report import GateReport
from suture.core.gate.looks import Look
from suture.core.gate.luck import rules_for
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.sheet import sheet_of
from suture.core.plan.stages import GATE, GateDone
from suture.core.teach.dataset import DatasetManifest
from suture.files.small_files import read_model, write_json
from suture.loop.run import Run
from suture.loop.runner import Stage


def gate(
    run: Run,
    baseline: Sequence[Scoreboard],
    candidate: Sequence[Scoreboard],
    *,
    draws: Sequence[Scoreboard],
    dataset: DatasetManifest,
    look: Look | None,
) -> GateReport:
    """Decide, and keep the report."""
    boards = tuple(board.digest for board in (*baseline, *candidate, *draws))

    def work() -> GateDone:
        sheets = [[sheet_of(board) for board in side] for side in (baseline, candidate, draws)]
        rules = rules_for(run.recipe.gate, baseline[0])
        report = decide(sheets[0], sheets[1], rules, look, draws=sheets[2])
        write_json(run.paths.gate, report.to_json())
        return GateDone(
            decision=report.decision,
            report=report.digest,
            boards=boards,
            protected=len(report.protected),
            kept=len(report.kept),
            anchors=anchors_kept(report, baseline[0], dataset.gate_only),
            repaired=len(report.repaired),
        )

    run.stages.once(Stage(GATE, {"boards": boards}, work, files=lambda _: {"report": run.paths.gate}))
    return read_model(run.paths.gate, GateReport, what="gate report")
