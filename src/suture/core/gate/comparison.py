"""Compares two sides, measured once or more, task by task: what was kept, lost, repaired, and what is undecided."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

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
    protected: tuple[str, ...]
    lost: tuple[str, ...]
    slipped: tuple[str, ...]
    repaired: tuple[str, ...]
    faulted: tuple[str, ...]
    unsettled: tuple[str, ...]
    flipped: frozenset[str]
    failed_in_form: tuple[str, ...]

    @property
    def outcomes_before(self) -> dict[str, Outcome | None]:
        return {task_id: self.before[task_id].outcome for task_id in self.entries}

    @property
    def outcomes_after(self) -> dict[str, Outcome | None]:
        return {task_id: self.after[task_id].outcome for task_id in self.entries}

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
    open_ids = frozenset[str]().union(*disputed(before, after, repeats))
    anchors, empty = set(passing).difference(luck), vacuous_of(candidate)
    fates: dict[_Fate | None, list[str]] = defaultdict(list)
    for t in entries:
        was, now = before[t].outcome, after[t].outcome
        fates[_fate(was, now, is_open=t in open_ids, protected=t in anchors, vacuous=t in empty)].append(t)
    return Comparison(
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
        protected=tuple(t for t in entries if t in anchors),
        lost=tuple(fates[_Fate.LOST]),
        slipped=tuple(fates[_Fate.SLIPPED]),
        repaired=tuple(fates[_Fate.REPAIRED]),
        faulted=tuple(fates[_Fate.FAULTED]),
        unsettled=tuple(fates[_Fate.UNSETTLED]),
        flipped=frozenset(task for count in baseline[0].flips for task in count.verdicts),
        failed_in_form=_in_form(candidate),
    )


class _Fate(Enum):
    """What became of a task; of one that is as before, nothing did."""

    LOST = auto()
    SLIPPED = auto()
    REPAIRED = auto()
    FAULTED = auto()
    UNSETTLED = auto()


def _fate(was: Outcome | None, now: Outcome | None, *, is_open: bool, protected: bool, vacuous: bool) -> _Fate | None:
    if Outcome.FAULT in (was, now):
        return _Fate.FAULTED
    if is_open:
        return _Fate.UNSETTLED
    if was is now:
        return None
    if now is Outcome.PASS:
        return None if vacuous else _Fate.REPAIRED
    return _Fate.LOST if protected else _Fate.SLIPPED


def _is_protected(entry: SheetEntry, rules: GateRules) -> bool:
    return entry.split in rules.protect or (entry.split is None and bool(rules.protect))


def _in_form(candidate: Sequence[Sheet]) -> tuple[str, ...]:
    """Ids with an answer that failed in form, whatever that is in their kind."""
    return tuple(
        dict.fromkeys(t for sheet in candidate for t, e in sheet.entries.items() if e.verdict.reason in FORMAT_REASONS)
    )
