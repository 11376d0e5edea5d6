"""The whole loop: a candidate is made, measured, gated, and promoted or kept as a negative result."""

from dataclasses import dataclass

from suture.core.gate.gate_report import Decision, GateReport
from suture.core.measure.html_table import html_rows, html_table
from suture.core.measure.scoreboard import Scoreboard
from suture.core.plan.stages import repeat_stage
from suture.loop.candidate import Candidate, earlier_rows, make_candidate, measure_candidate
from suture.loop.held_out import SIDES, HeldOut, measure_again
from suture.loop.measuring.policy_files import Measured
from suture.loop.run import Run
from suture.loop.stages.bench import bench
from suture.loop.stages.check import check
from suture.loop.stages.gate import gate
from suture.loop.stages.hidden import hidden
from suture.loop.stages.promote import promote
from suture.store.run_paths import RunPaths


@dataclass(frozen=True)
class RepairResult:
    """How a run ended. ``decision`` may be HOLD after a PROMOTE of the gate: the reason says why."""

    run: str
    decision: Decision
    reasons: tuple[str, ...]
    report: GateReport
    paths: RunPaths

    def _repr_html_(self) -> str:
        """How it ended, in a notebook, and where its files are."""
        told = {"why": self.reasons, "lost": self.report.lost, "repaired": self.report.repaired}
        files = {"report": [str(self.paths.report_markdown)], "page": [str(self.paths.page)]}
        return html_table(f"{self.run}: {self.decision.value.upper()}", html_rows({**told, **files}))


class RepairRun(Run):
    """A run that ends with the gate's decision."""

    def heal(self) -> RepairResult:
        """Run what is left to run.

        Raises:
            UsageError: another process is at this run, or its inputs cannot be used.
            Fault: the engine or the machine failed; finished work stays.
        """
        with self.alone():
            check(self)
            held_out = HeldOut(self.workshop, self.plan, self.tasks, self.resolved.splits)
            earlier = earlier_rows(self)
            held_out.require_pinned()
            made = make_candidate(self, earlier)
            look = held_out.look(made.proposal.measured.sha256)
            board = measure_candidate(self, made)
            hidden(self, made.proposal.measured, board, made.engine)
            baseline, candidate = self._measure_again(made, board)
            report = gate(self, baseline, candidate, draws=made.draws, dataset=made.dataset, look=look)
            ended = promote(self, made.proposal.file, report)
            return RepairResult(self.plan.run_id, ended.decision, ended.reasons, report, self.paths)

    def _measure_again(self, made: Candidate, board: Scoreboard) -> tuple[list[Scoreboard], list[Scoreboard]]:
        """Both sides, first measurements and repeats. What is repeated follows from what was measured before."""
        sides: dict[str, Measured] = dict(zip(SIDES, (made.before, made.proposal.measured), strict=True))

        def ask(side: str, tasks: frozenset[str], number: int) -> Scoreboard:
            return bench(
                self,
                repeat_stage(side, number),
                sides[side],
                made.engine,
                self.paths.repeat(side, number),
                afresh=tasks,
                repeat=(self.plan.run_id, number),
            )

        baseline = made.found.scoreboard
        repeats = measure_again(baseline, board, self.recipe.gate, ask)
        return [baseline, *repeats[0]], [board, *repeats[1]]
