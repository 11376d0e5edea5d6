"""The judge judged on this machine: references must pass, hostile programs must not, honest ones go on being right."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from suture.core.measure.checks.python import PythonCheck
from suture.core.measure.task import Task, check_of
from suture.core.measure.verdict import Verdict
from suture.core.plan.ports import Judge
from suture.judge.hostile import DOUBLE, HONEST, Case, hostile_cases, odd_cases
from suture.judge.survivors import descendants


@dataclass(frozen=True)
class SelftestGroup:
    """One line of the table.

    Attributes:
        right: judged as they must be, the honest program after them too.
        false_passes: hostile programs that passed.
        survivors: processes left behind.
        late_s: the longest time past a program's own limits (CPU and wall), in seconds.
        wrong: names of what was not right, with the verdict it got.
    """

    group: str
    judged: int
    right: int
    false_passes: int
    survivors: int
    late_s: float
    wrong: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return self.judged == self.right and self.false_passes == 0 and self.survivors == 0


def run_selftest(judge: Judge, references: Mapping[str, Sequence[Task]]) -> Iterator[SelftestGroup]:
    """One row for each suite of references and each family of programs, as they are done."""
    for name, tasks in references.items():
        yield _references(judge, name, [task for task in tasks if task.reference])
    groups: dict[str, list[Case]] = {}
    for case in (*hostile_cases(), *odd_cases()):
        groups.setdefault(case.family, []).append(case)
    for family, cases in groups.items():
        yield _family(judge, family, cases)


def _references(judge: Judge, name: str, tasks: Sequence[Task]) -> SelftestGroup:
    wrong: list[str] = []
    for index, verdict in judge.judge([(task, task.reference or "") for task in tasks]):
        if not verdict.passed:
            wrong.append(f"{tasks[index].id}: {verdict.key}")
    return SelftestGroup(f"{name} references", len(tasks), len(tasks) - len(wrong), 0, 0, 0.0, tuple(sorted(wrong)))


def _family(judge: Judge, family: str, cases: Sequence[Case]) -> SelftestGroup:
    wrong: list[str] = []
    false_passes, survivors, late_s = 0, 0, 0.0
    _judged(judge, DOUBLE, f"{HONEST}# before {family}\n")  # every process that belongs there is there
    for case in cases:
        before = len(descendants())
        began = time.monotonic()
        verdict = _judged(judge, case.task, case.program)
        limits = check_of(case.task, PythonCheck).limits
        late_s = max(late_s, time.monotonic() - began - max(limits.cpu_s, limits.wall_s))
        after = _judged(judge, DOUBLE, f"{HONEST}# after {case.name}\n")
        survivors += max(0, len(descendants()) - before)
        false_passes += case.key is None and verdict.passed
        if not case.judged_right(verdict.key):
            wrong.append(f"{case.name}: {verdict.key}")
        elif not after.passed:
            wrong.append(f"honest program after {case.name}: {after.key}")
    return SelftestGroup(
        family, len(cases), len(cases) - len(wrong), false_passes, survivors, max(0.0, late_s), tuple(wrong)
    )


def _judged(judge: Judge, task: Task, program: str) -> Verdict:
    ((_, verdict),) = judge.judge([(task, program)])
    return verdict


def group_json(row: SelftestGroup) -> dict[str, Any]:
    return {
        "group": row.group,
        "judged": row.judged,
        "right": row.right,
        "false_passes": row.false_passes,
        "survivors": row.survivors,
        "late_s": round(row.late_s, 3),
        "wrong": list(row.wrong),
    }
