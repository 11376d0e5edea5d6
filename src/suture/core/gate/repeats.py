"""Combines repeated measurements, and tells which are still due.

A task on which the two sides disagree is measured again on both until one outcome has the majority, so that a verdict
which flips now and then neither rejects nor promotes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from suture.core.frozen import Frozen
from suture.core.gate.rules import GateRules
from suture.core.gate.statistics import flip_rate, majority_error
from suture.core.measure.flips import PINNED
from suture.core.measure.sheet import Sheet
from suture.core.measure.verdict import Outcome


@dataclass(frozen=True)
class Runs:
    """How often one side of one task passed, failed, and had no verdict."""

    passed: int
    failed: int
    faulted: int = 0

    @property
    def always_passed(self) -> bool:
        return self.passed > 0 and not self.failed and not self.faulted

    @property
    def mixed(self) -> bool:
        return self.passed > 0 and self.failed > 0

    @property
    def outcome(self) -> Outcome | None:
        """FAULT when any run has no verdict, what most runs say, or None when they are split evenly."""
        if self.faulted:
            return Outcome.FAULT
        if self.passed == self.failed:
            return None
        return Outcome.PASS if self.passed > self.failed else Outcome.FAIL

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.faulted

    def __str__(self) -> str:
        return f"passed {self.passed} of {self.total}"


class Noise(Frozen):
    """The champion against itself: ``flips`` tasks of ``pairs`` measured twice had another verdict the second time.

    A missing verdict counts as a flip. ``rounding``: the second measurement was in other batches or another order.
    """

    flips: int = Field(ge=0)
    pairs: int = Field(ge=1)
    rounding: bool = Field(default=False, exclude_if=lambda value: not value)

    @property
    def rate(self) -> float:
        """How often one measurement goes the wrong way."""
        return flip_rate(self.flips, self.pairs)


def runs_of(sheets: Sequence[Sheet]) -> dict[str, Runs]:
    """By task id, over all sheets of one side."""
    counts: dict[str, list[int]] = {}
    for sheet in sheets:
        for task_id, entry in sheet.entries.items():
            count = counts.setdefault(task_id, [0, 0, 0])
            count[0 if entry.verdict.passed else 2 if entry.verdict.faulted else 1] += 1
    return {task_id: Runs(*count) for task_id, count in counts.items()}


def vacuous_of(sheets: Sequence[Sheet]) -> frozenset[str]:
    """Ids that pass in one of the runs with an answer that says nothing."""
    return frozenset[str]().union(*(sheet.vacuous for sheet in sheets))


def noise_of(sheets: Sequence[Sheet]) -> Noise | None:
    """From the first two measurements of each task. Where nothing was measured twice, from what was stored with the
    scoreboard of other batches and orders; None when that was not measured either."""
    first: dict[str, Outcome] = {}
    second: dict[str, Outcome] = {}
    for sheet in sheets:
        for task_id, entry in sheet.entries.items():
            if task_id not in first:
                first[task_id] = entry.verdict.outcome
            else:
                second.setdefault(task_id, entry.verdict.outcome)
    flips = sum(Outcome.FAULT in (first[t], second[t]) or first[t] is not second[t] for t in second)
    return Noise(flips=flips, pairs=len(second)) if second else rounding_of(sheets)


def rounding_of(sheets: Sequence[Sheet]) -> Noise | None:
    """From the verdicts that flipped in other batches and orders; None when that was not measured."""
    counts = [count for sheet in sheets[:1] for count in sheet.flips if count.condition != PINNED and count.tasks]
    if not counts:
        return None
    flips, pairs = sum(len(count.verdicts) for count in counts), sum(count.tasks for count in counts)
    return Noise(flips=flips, pairs=pairs, rounding=True)


def repeats_for(noise: Noise | None, tasks: int, rules: GateRules) -> int:
    """How many measurements a disagreement takes: as few as keep the chance that noise alone changes the majority of
    one of ``tasks`` tasks within ``rules.alpha``, between ``rules.repeats`` and ``rules.max_repeats``."""
    repeats = rules.repeats
    while noise is not None and repeats < rules.max_repeats and noise_risk(noise, tasks, repeats) > rules.alpha:
        repeats += 2
    return repeats


def noise_risk(noise: Noise, tasks: int, repeats: int) -> float:
    """Chance, at most, that noise alone changes the majority of one of ``tasks`` tasks (a sum over the tasks)."""
    return min(1.0, tasks * majority_error(noise.rate, repeats))


def disputed(
    before: Mapping[str, Runs], after: Mapping[str, Runs], repeats: int
) -> tuple[frozenset[str], frozenset[str]]:
    """Ids on which not all runs of both sides agree, and the baseline's, or the candidate's, have no majority yet.

    Tasks without a verdict are not among them: what ails them is not noise.
    """
    ids = [t for t in before if not before[t].faulted and not after[t].faulted and _both(before[t], after[t]).mixed]
    return _without_majority(before, ids, repeats), _without_majority(after, ids, repeats)


def unproved(
    before: Mapping[str, Runs], after: Mapping[str, Runs], noise: Noise | None, times: int
) -> tuple[frozenset[str], frozenset[str]]:
    """Ids that the baseline passed every time, but not ``times``, so that they are no anchors yet; and, where the
    baseline disagrees with itself, ids that both sides passed every time, but the candidate not so often: a lost
    anchor may pass once by chance."""
    anchors = [t for t, runs in before.items() if runs.always_passed]
    noisy = noise is not None and noise.flips > 0
    kept = [t for t in anchors if after[t].always_passed] if noisy else []
    return (
        frozenset(t for t in anchors if before[t].passed < times),
        frozenset(t for t in kept if after[t].passed < times),
    )


def due(
    baseline: Sequence[Sheet], candidate: Sequence[Sheet], rules: GateRules
) -> tuple[frozenset[str], frozenset[str]]:
    """Ids that the baseline, and that the candidate, must be asked once more; both empty when the gate can decide."""
    before, after, noise = runs_of(baseline), runs_of(candidate), noise_of(baseline)
    open_ids = disputed(before, after, repeats_for(noise, len(before), rules))
    weak = unproved(before, after, noise, rules.baseline_runs)
    # A pass that says nothing is no anchor, however often it is repeated.
    nothing = vacuous_of(baseline)
    return open_ids[0] | (weak[0] - nothing), open_ids[1] | (weak[1] - nothing)


def _both(one: Runs, other: Runs) -> Runs:
    return Runs(one.passed + other.passed, one.failed + other.failed)


def _without_majority(runs: Mapping[str, Runs], ids: Iterable[str], repeats: int) -> frozenset[str]:
    return frozenset(t for t in ids if 2 * max(runs[t].passed, runs[t].failed) <= max(repeats, runs[t].total))
