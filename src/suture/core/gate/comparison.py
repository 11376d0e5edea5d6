"""Compares two sides, measured once or more, task by task: what was kept, lost, repaired, and what is undecided."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from suture.core.gate.luck import lucky_of, undrawn
from suture.core.gate.repeats import (
    Noise,
    Runs,
    disputed,
    noise_of,
    repeats_for,
    rounding_of,
    runs_of,
    unproved,
    vacuous_of,
)
from suture.core.gate.rules import GateRules
from suture.core.measure.sheet import Sheet, SheetEntry, held_out, require_one_instrument, require_same_tasks
from suture.core.measure.splits import Split
from suture.core.measure.verdict import FORMAT_REASONS, Outcome


@dataclass(frozen=True)
class Comparison:
    """The lists are explained in ``GateReport``. Each task is in at most one of lost, slipped, repaired, faulted and
    unsettled."""

    entries: dict[str, SheetEntry]
    before: dict[str, Runs]
    after: dict[str, Runs]
    held: tuple[str, ...]
    noise: Noise | None
    rounding: Noise | None
    repeats: int
    unproved: tuple[str, ...]
    undrawn: tuple[str, ...]
    lucky: tuple[str, ...]
    protected: list[str] = field(default_factory=list[str])
    lost: list[str] = field(default_factory=list[str])
    slipped: list[str] = field(default_factory=list[str])
    repaired: list[str] = field(default_factory=list[str])
    faulted: list[str] = field(default_factory=list[str])
    unsettled: list[str] = field(default_factory=list[str])
    flipped: frozenset[str] = frozenset()
    failed_in_form: tuple[str, ...] = ()

    def outcomes(self, runs: dict[str, Runs]) -> dict[str, Outcome | None]:
        return {task_id: runs[task_id].outcome for task_id in self.entries}

    @property
    def kept(self) -> tuple[str, ...]:
        undecided = {*self.lost, *self.faulted, *self.unsettled}
        return tuple(task_id for task_id in self.protected if task_id not in undecided)

    @property
    def lost_format(self) -> tuple[str, ...]:
        fallen = {*self.lost, *self.slipped}
        return tuple(task_id for task_id in self.failed_in_form if task_id in fallen)

    @property
    def flaky(self) -> tuple[str, ...]:
        return tuple(task_id for task_id in self.entries if self.before[task_id].mixed or self.after[task_id].mixed)

    @property
    def fragile(self) -> tuple[str, ...]:
        """Changed tasks whose verdict the baseline itself changes in other batches: rounding may have done it."""
        changed = (*self.lost, *self.slipped, *self.repaired)
        return tuple(task_id for task_id in changed if task_id in self.flipped)

    @property
    def repeated(self) -> tuple[str, ...]:
        return tuple(
            task_id for task_id in self.entries if max(self.before[task_id].total, self.after[task_id].total) > 1
        )

    @property
    def repaired_outside_holdout(self) -> int:
        return sum(self.entries[task_id].split is not Split.HOLDOUT for task_id in self.repaired)


def compare(
    baseline: Sequence[Sheet], candidate: Sequence[Sheet], rules: GateRules, draws: Sequence[Sheet] = ()
) -> Comparison:
    """Raises StaleEvidence when the two were not measured on the same tasks with one instrument."""
    require_one_instrument(*baseline, *candidate)
    require_same_tasks(baseline[0], candidate[0])
    before, after = runs_of(baseline), runs_of(candidate)
    entries, noise = dict(baseline[0].entries), noise_of(baseline)
    repeats = repeats_for(noise, len(entries), rules)
    passing = [t for t in entries if before[t].always_passed and _is_protected(entries[t], rules)]
    draws = draws[: rules.draws]
    luck = lucky_of(baseline, draws)
    few = undrawn(passing, draws, rules.draws) - luck
    weak = frozenset[str]().union(*unproved(before, after, noise, rules.baseline_runs)) - luck
    found = Comparison(
        entries=entries,
        before=before,
        after=after,
        held=held_out(baseline[0]),
        noise=noise,
        rounding=rounding_of(baseline),
        repeats=repeats,
        unproved=tuple(t for t in entries if t in weak and _is_protected(entries[t], rules)),
        undrawn=tuple(t for t in passing if t in few),
        lucky=tuple(t for t in passing if t in luck),
        flipped=frozenset(task for count in baseline[0].flips for task in count.verdicts),
        failed_in_form=_in_form(candidate),
    )
    open_ids = frozenset[str]().union(*disputed(before, after, repeats))
    anchors, empty = set(passing).difference(luck), vacuous_of(candidate)
    for task_id in entries:
        protected = task_id in anchors
        if protected:
            found.protected.append(task_id)
        was, now = before[task_id].outcome, after[task_id].outcome
        if Outcome.FAULT in (was, now):
            found.faulted.append(task_id)
        elif task_id in open_ids:
            found.unsettled.append(task_id)
        elif was is not now:
            if now is not Outcome.PASS:
                (found.lost if protected else found.slipped).append(task_id)
            elif task_id not in empty:
                found.repaired.append(task_id)
    return found


def _is_protected(entry: SheetEntry, rules: GateRules) -> bool:
    return entry.split in rules.protect or (entry.split is None and bool(rules.protect))


def _in_form(candidate: Sequence[Sheet]) -> tuple[str, ...]:
    """Ids with an answer that failed in form, whatever that is in their kind."""
    return tuple(
        dict.fromkeys(t for sheet in candidate for t, e in sheet.entries.items() if e.verdict.reason in FORMAT_REASONS)
    )
