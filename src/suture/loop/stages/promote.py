"""Stage ``promote``: the alias ``champion`` moves, or ``candidate`` does, or the run is kept as a negative result."""

from pathlib import Path

from suture.core.errors import StaleEvidence
from suture.core.gate.gate_report import Decision, GateReport
from suture.core.model.registry_events import CANDIDATE
from suture.core.plan.stages import PROMOTE, PromoteDone
from suture.loop.run import Run
from suture.loop.runner import Stage


def promote(run: Run, file: Path, report: GateReport) -> PromoteDone:
    """Act on the gate's report on ``file``, a pack or a policy. A PROMOTE becomes a HOLD where another repair moved the
    champion since this one measured it."""
    model = run.recipe.model
    why = f"recipe {run.recipe.name}, run {run.plan.run_id}"

    def work() -> PromoteDone:
        decision, reasons = report.decision, report.reasons
        if decision is Decision.PROMOTE:
            try:
                run.registry.promote(model, file, report, why=why)
            except StaleEvidence as error:
                decision = Decision.HOLD
                reasons = (f"the gate said promote, but {error} ({error.mend})",)
        if decision is Decision.HOLD:
            run.registry.point(model, CANDIDATE, file, why=f"held: {why}", report=report)
        return PromoteDone(decision=decision, reasons=tuple(reasons))

    def stands(done: PromoteDone) -> bool:
        """A hold is decided again: what was in its way may be gone."""
        return done.decision is report.decision is not Decision.HOLD

    return run.stages.once(Stage(PROMOTE, {"report": report.digest}, work, stands=stands))
