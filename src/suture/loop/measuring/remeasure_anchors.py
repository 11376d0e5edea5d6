"""Measures the anchors again after a rollback, in the same batches as before.

An engine may round differently in another batch, so a batch with an anchor in it is asked as a whole.
"""

from pathlib import Path

from suture.core.frozen import Frozen
from suture.core.gate.gate_report import GateReport
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.scoreboard import Scoreboard
from suture.core.plan.recipe import Plan
from suture.core.plan.stages import ENGINE
from suture.files.small_files import read_model
from suture.loop.measuring.measure import measure
from suture.loop.measuring.policy_files import Measured
from suture.loop.measuring.scoreboard_tasks import tasks_of
from suture.loop.workshop import Workshop
from suture.store.run_paths import RunPaths


class AnchorCheck(Frozen):
    """Attributes:
    anchors: ids protected when the pack was last the baseline of a gate.
    kept: those that pass now.
    otherwise: what of the engine, or of the processor, is not as it was for the gate: that alone may lose an anchor.
    """

    anchors: tuple[str, ...]
    kept: tuple[str, ...]
    otherwise: tuple[str, ...] = ()

    @property
    def lost(self) -> tuple[str, ...]:
        return tuple(anchor for anchor in self.anchors if anchor not in set(self.kept))


def find_gate(workshop: Workshop, gate_report: str) -> tuple[Plan, RunPaths, GateReport] | None:
    """The run whose gate report has this digest."""
    run = workshop.store.ledger.run_gated(gate_report)
    if run is None:
        return None
    plan = workshop.store.ledger.plan(run)
    paths = RunPaths(workshop.store.home.run(plan.recipe.name, run))
    return plan, paths, read_model(paths.gate, GateReport, what="gate report")


def remeasure_anchors(workshop: Workshop, pack: Measured, plan: Plan, paths: RunPaths, gate: GateReport) -> AnchorCheck:
    """Ask and judge the anchors of ``gate`` afresh: nothing is taken from the ledger."""
    baseline = read_model(paths.baseline, Scoreboard, what="scoreboard")
    sources = {name: Path(path) for name, path in plan.recipe.sources.items()}
    scoreboard = measure(
        workshop,
        pack,
        tasks_of(baseline, sources=sources),
        engine=_engine_of(workshop, plan),
        selectors=baseline.selectors,
        title="anchors",
        afresh=frozenset(gate.protected),
    )
    passed = set(scoreboard.passed)
    return AnchorCheck(
        anchors=gate.protected,
        kept=tuple(anchor for anchor in gate.protected if anchor in passed),
        otherwise=scoreboard.engine.changes_since(baseline.engine),
    )


def _engine_of(workshop: Workshop, plan: Plan) -> EngineChoice:
    """As the run measured, with as many threads, however many there are now."""
    done = workshop.store.ledger.result(plan.run_id, ENGINE)
    choice, identity = (done.choice, done.identity) if done else (plan.recipe.engine, plan.engine)
    return choice if identity is None else choice.model_copy(update={"threads": identity.threads})
