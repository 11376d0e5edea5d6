"""Detects lucky passes of the baseline: the greedy answer passes, some low-temperature samples fail.

A greedy run repeats itself, so running it m times says nothing of how firmly a model can do a task. Draws at a low
temperature do. A vacuous pass needs no draw: it says nothing in any of them.
"""

from collections.abc import Collection, Sequence

from suture.core.gate.repeats import Runs, runs_of, vacuous_of
from suture.core.gate.rules import GateRules
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.sheet import Sheet


def lucky_of(baseline: Sequence[Sheet], draws: Sequence[Sheet]) -> frozenset[str]:
    """Ids that fail in one of the draws, where one without a verdict says nothing, or that the baseline passes
    vacuously."""
    return vacuous_of(baseline) | {task_id for task_id, runs in runs_of(draws).items() if runs.failed}


def rules_for(rules: GateRules, baseline: Scoreboard) -> GateRules:
    """A recipe's rules, without draws where the baseline is a policy: its tiers have temperatures of their own, and
    every pass of it is protected."""
    return rules if baseline.policy is None else rules.model_copy(update={"draws": 0})


def undrawn(ids: Collection[str], draws: Sequence[Sheet], times: int) -> frozenset[str]:
    """Return those of ``ids`` with fewer than ``times`` verdicts."""
    none, found = Runs(0, 0), runs_of(draws)
    return frozenset(t for t in ids if found.get(t, none).total - found.get(t, none).faulted < times)
