"""Collects what the gate decides on: looks that are paid for, and disagreements measured again.

A repeated measurement asks whole batches afresh, because an engine may round differently in another batch. Engines
repeat themselves exactly in pinned batches, so what a repeat finds is what does not: another thread's timing, a judge
under load, a machine that errs.
"""

from collections.abc import Callable, Mapping, Sequence

from suture.core.gate.looks import HeldOutShowing, Look, look_at, renamed, require_pinned
from suture.core.gate.repeats import due
from suture.core.gate.rules import GateRules
from suture.core.measure.schema_1 import digest_in_schema_1
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.sheet import held_out_digest, sheet_of
from suture.core.measure.splits import Split
from suture.core.measure.task import Task
from suture.core.plan.recipe import Plan
from suture.loop.workshop import Workshop
from suture.store.clock import now

SIDES = ("baseline", "candidate")
Ask = Callable[[str, frozenset[str], int], Scoreboard]
"""Measures a side's batches that hold these tasks once more; the number counts the repeats from 1."""


class HeldOut:
    """The held-out tasks of one run: what its model is pinned to, and what a look at them costs."""

    def __init__(self, workshop: Workshop, plan: Plan, tasks: Sequence[Task], splits: Mapping[str, Split]) -> None:
        held = [task for task in tasks if splits[task.id] is Split.HOLDOUT]
        self._ledger, self._plan, self._count = workshop.store.ledger, plan, len(held)
        self.digest = held_out_digest({task.id: task.digest for task in held}) if held else None
        before = {task.id: digest for task in held if (digest := digest_in_schema_1(task)) is not None}
        self._earlier = held_out_digest(before) if held else None

    @property
    def _trials(self) -> tuple[HeldOutShowing, ...]:
        """Every look ever recorded; those at these very tasks under their older digests are among them."""
        trials = self._ledger.trials()
        return trials if self.digest is None else renamed(trials, self.digest, earlier=self._earlier)

    def require_pinned(self) -> None:
        """Raises StaleEvidence when earlier candidates of the model were held to other tasks."""
        trials, recipe = self._trials, self._plan.recipe
        if not any(trial.evidence == self._plan.run_id for trial in trials):
            require_pinned(trials, recipe.model, self.digest, fresh=recipe.gate.fresh_holdout)

    def look(self, candidate: str) -> Look | None:
        """Record that ``candidate`` is shown to them, once a run, before it is; None when nothing is held out."""
        if self.digest is None:
            return None
        trial = HeldOutShowing(
            holdout=self.digest,
            candidate=candidate,
            evidence=self._plan.run_id,
            model=self._plan.recipe.model,
            tasks=self._count,
            at=now(),
        )
        self._ledger.add_trial(trial)
        return look_at(self._trials, trial, self._plan.recipe.gate.alpha)


def measure_again(
    baseline: Scoreboard, candidate: Scoreboard, rules: GateRules, ask: Ask
) -> tuple[list[Scoreboard], list[Scoreboard]]:
    """Both sides' repeated measurements: until every anchor has passed ``rules.baseline_runs`` times, or failed, and
    every disagreement has its majority. Tasks without a verdict are not asked again."""
    boards = ([baseline], [candidate])
    while any(again := due([sheet_of(b) for b in boards[0]], [sheet_of(b) for b in boards[1]], rules)):
        for side, name, tasks in zip(boards, SIDES, again, strict=True):
            if tasks:
                side.append(ask(name, tasks, len(side)))
    return boards[0][1:], boards[1][1:]
