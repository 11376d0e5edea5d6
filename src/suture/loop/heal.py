"""The whole loop: a candidate is made, measured, gated, and promoted or kept as a negative result."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from suture.core.errors import StaleEvidence
from suture.core.gate.anchors import anchors_kept
from suture.core.gate.decision import Decision, GateReport, gate
from suture.core.gate.looks import Look
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.sheet import sheet_of
from suture.core.model.registry import CANDIDATE
from suture.core.teach.dataset import DatasetManifest
from suture.files.read_write import read_model, write_json
from suture.loop.gating import SIDES, HeldOut, measure_again
from suture.loop.making import earlier_rows, make, measure_candidate
from suture.loop.measuring.pack_file import PackFile
from suture.loop.run import Run
from suture.loop.stages import Output
from suture.store.run_paths import RunPaths


@dataclass(frozen=True)
class Healed:
    """How a run ended. ``decision`` may be HOLD after a PROMOTE of the gate: the reason says why."""

    run: str
    decision: Decision
    reasons: tuple[str, ...]
    report: GateReport
    paths: RunPaths


class Healing(Run):
    """A run that ends with the gate's decision."""

    @cached_property
    def held_out(self) -> HeldOut:
        return HeldOut(self.workshop, self.plan, self.resolved.tasks, self.resolved.splits)

    def heal(self) -> Healed:
        """Run what is left to run.

        Raises:
            UsageError: another process is at this run, or its inputs cannot be used.
            Fault: the engine or the machine failed; finished work stays.
        """
        with self.alone():
            earlier = earlier_rows(self)
            self.held_out.require_pinned()
            made = make(self, earlier)
            look = self.held_out.look(made.pack.sha256)
            candidate = measure_candidate(self, made.pack)
            sides = self._measure_again(made.base.file, made.pack, made.found.scoreboard, candidate)
            report = self._gate(*sides, made.draws, made.dataset, look)
            decision, reasons = self._promote(report)
            return Healed(self.plan.run_id, decision, reasons, report, self.paths)

    def _measure_again(
        self, base: PackFile, pack: PackFile, baseline: Scoreboard, candidate: Scoreboard
    ) -> tuple[list[Scoreboard], list[Scoreboard]]:
        """Both sides, first measurements and repeats. What is repeated follows from what was measured before."""
        packs: dict[str, PackFile] = dict(zip(SIDES, (base, pack), strict=True))

        def ask(side: str, tasks: frozenset[str], number: int) -> Scoreboard:
            return self.bench(
                f"gate-repeat {side} {number}",
                packs[side],
                self.paths.repeat(side, number),
                afresh=tasks,
                repeat=(self.plan.run_id, number),
            )

        repeats = measure_again(baseline, candidate, self.recipe.gate, ask)
        return [baseline, *repeats[0]], [candidate, *repeats[1]]

    def _gate(
        self,
        baseline: list[Scoreboard],
        candidate: list[Scoreboard],
        draws: Sequence[Scoreboard],
        dataset: DatasetManifest,
        look: Look | None,
    ) -> GateReport:
        boards = [board.digest for board in (*baseline, *candidate, *draws)]

        def work() -> Output:
            sheets = [[sheet_of(board) for board in boards] for boards in (baseline, candidate, draws)]
            report = gate(sheets[0], sheets[1], self.recipe.gate, look, draws=sheets[2])
            write_json(self.paths.gate, report.to_json())
            return {
                "decision": report.decision.value,
                "report": report.digest,
                "boards": boards,
                "protected": len(report.protected),
                "kept": len(report.kept),
                "anchors": anchors_kept(report, baseline[0], dataset.gate_only).to_json(),
                "repaired": len(report.repaired),
            }

        files = {"report": self.paths.gate}
        self.stages.once("gate", work, lambda _: files, is_final=lambda output: output["boards"] == boards)
        return read_model(self.paths.gate, GateReport, what="gate report")

    def _promote(self, report: GateReport) -> tuple[Decision, tuple[str, ...]]:
        model = self.recipe.model
        why = f"recipe {self.recipe.name}, run {self.plan.run_id}"

        def work() -> Output:
            decision, reasons = report.decision, list(report.reasons)
            if decision is Decision.PROMOTE:
                try:
                    self.registry.promote(model, self.paths.pack, report, why=why)
                except StaleEvidence as error:  # another repair moved the champion since this one measured it
                    decision = Decision.HOLD
                    reasons = [f"the gate said promote, but {error} ({error.mend})"]
            if decision is Decision.HOLD:
                self.registry.point(model, CANDIDATE, self.paths.pack, why=f"held: {why}", report=report)
            return {"decision": decision.value, "reasons": reasons}

        def still_stands(output: Output) -> bool:
            """A decision of another gate report, or a hold, is made again."""
            return output["decision"] == report.decision.value != Decision.HOLD.value

        output = self.stages.once("promote", work, lambda _: {}, is_final=still_stands)
        return Decision(output["decision"]), tuple(output["reasons"])
