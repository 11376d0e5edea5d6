"""Pairs the rows of two measurements by id and digest, never by place, and says what became of each task. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from suture.core.gate.gate_report import GateReport
from suture.studio.marks import RANK, Mark
from suture.studio.rows import AnswerRow

_RUNS = re.compile(r"passed (\d+) of (\d+)")


@dataclass(frozen=True)
class Pair:
    """One task and what both measurements say of it. A lone measurement is ``after``, and ``before`` is None.

    Attributes:
        flags: ``flaky``, ``lucky``, ``fragile``, ``vacuous``, ``form``: what else is known of it.
        runs: how often each side passed, where it was measured more than once.
        note: why it could not be paired.
    """

    task_id: str
    mark: Mark
    before: AnswerRow | None
    after: AnswerRow | None
    flags: tuple[str, ...] = ()
    runs: tuple[str, str] | None = None
    note: str = ""

    @property
    def any(self) -> AnswerRow:
        """The side that is there; the later one where both are."""
        found = self.after or self.before
        if found is None:
            raise ValueError(f"{self.task_id}: a pair of nothing")
        return found

    @property
    def reason(self) -> str:
        """Why it fails now; empty for what passes now, or is not there."""
        return self.after.reason if self.after else ""

    @property
    def same_answer(self) -> bool:
        """Both sides answered, and with the same text."""
        return self.before is not None and self.after is not None and self.before.answer == self.after.answer


def lone(rows: Sequence[AnswerRow]) -> tuple[Pair, ...]:
    """One measurement by itself."""
    counts = Counter(row.task_id for row in rows)
    pairs = (
        Pair(
            row.task_id,
            Mark.DOUBLED if counts[row.task_id] > 1 else _alone(row),
            None,
            row,
            ("vacuous",) if row.verdict.vacuous else (),
            note=f"{counts[row.task_id]} rows have this id" if counts[row.task_id] > 1 else "",
        )
        for row in rows
    )
    return _ordered(pairs)


def pair(before: Sequence[AnswerRow], after: Sequence[AnswerRow], gate: GateReport | None = None) -> tuple[Pair, ...]:
    """Every task of either side once. Those that cannot be paired are there, marked, with a note.

    Args:
        gate: whose lists decide, where a gate measured tasks more than once.
    """
    sides = [_by_id(before), _by_id(after)]
    lists = _Lists(gate)
    ids = dict.fromkeys([*sides[0], *sides[1]])
    return _ordered(_paired(task_id, sides[0].get(task_id, []), sides[1].get(task_id, []), lists) for task_id in ids)


def _paired(task_id: str, was: Sequence[AnswerRow], now: Sequence[AnswerRow], lists: "_Lists") -> Pair:
    first, last = (was[0] if was else None), (now[0] if now else None)
    if len(was) > 1 or len(now) > 1:
        return Pair(
            task_id, Mark.DOUBLED, first, last, note=f"{len(was)} rows before and {len(now)} after have this id"
        )
    if first is None or last is None:
        return Pair(task_id, Mark.MISSING, first, last, note=f"only {'after' if first is None else 'before'} has it")
    if first.digest != last.digest:
        note = f"{first.digest[:12]} was asked before, {last.digest[:12]} after"
        return Pair(task_id, Mark.OTHER, first, last, note=note)
    return Pair(task_id, lists.mark(first, last), first, last, lists.flags(last), lists.runs.get(task_id))


class _Lists:
    """The lists of a gate report, to look a task up in."""

    def __init__(self, gate: GateReport | None) -> None:
        self._gate = gate
        self.runs: Mapping[str, tuple[str, str]] = gate.runs if gate else {}
        self._marks: dict[str, Mark] = {}
        self._flags: dict[str, frozenset[str]] = {}
        if gate is None:
            return
        named = {
            Mark.LOST: gate.lost,
            Mark.SLIPPED: gate.slipped,
            Mark.REPAIRED: gate.repaired,
            Mark.FAULT: gate.faulted,
            Mark.OPEN: gate.unsettled,
        }
        self._marks = {task_id: mark for mark, ids in named.items() for task_id in ids}
        flagged = {"flaky": gate.flaky, "lucky": gate.lucky, "fragile": gate.fragile, "form": gate.lost_format}
        self._flags = {flag: frozenset(ids) for flag, ids in flagged.items()}

    def mark(self, before: AnswerRow, after: AnswerRow) -> Mark:
        if self._gate is None:
            return _by_verdicts(before, after)
        if before.task_id in self._marks:
            return self._marks[before.task_id]
        return Mark.KEPT if self._passed(before) else Mark.FAILING

    def flags(self, row: AnswerRow) -> tuple[str, ...]:
        found = tuple(flag for flag, ids in self._flags.items() if row.task_id in ids)
        return (*found, "vacuous") if row.verdict.vacuous else found

    def _passed(self, before: AnswerRow) -> bool:
        """By the majority of its runs."""
        counted = _RUNS.match(self.runs[before.task_id][0]) if before.task_id in self.runs else None
        return 2 * int(counted[1]) > int(counted[2]) if counted else before.verdict.passed


def _by_verdicts(before: AnswerRow, after: AnswerRow) -> Mark:
    if before.verdict.faulted or after.verdict.faulted:
        return Mark.FAULT
    if before.verdict.passed:
        return Mark.KEPT if after.verdict.passed else Mark.SLIPPED
    return Mark.REPAIRED if after.verdict.shows_skill else Mark.FAILING


def _alone(row: AnswerRow) -> Mark:
    return Mark.FAULT if row.verdict.faulted else Mark.PASS if row.verdict.passed else Mark.FAIL


def _by_id(rows: Iterable[AnswerRow]) -> dict[str, list[AnswerRow]]:
    found: dict[str, list[AnswerRow]] = {}
    for row in rows:
        found.setdefault(row.task_id, []).append(row)
    return found


def _ordered(pairs: Iterable[Pair]) -> tuple[Pair, ...]:
    """What needs eyes first; within that as measured."""
    return tuple(sorted(pairs, key=lambda one: RANK[one.mark]))
