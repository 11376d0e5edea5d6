"""lm-eval's ``samples_TASK_DATE.jsonl`` (``--log_samples``): one row for each document under each filter."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from suture.core.digest import digest_of
from suture.core.errors import BadFile, UsageError
from suture.core.json_types import is_list, is_object
from suture.core.measure.sheet import Sheet, SheetEntry
from suture.core.measure.verdict import Reason, Verdict
from suture.files.rows import BenchmarkRow
from suture.harnesses.opened import PASSED, Choices, Opened, ResultsReading, failed, take

INVALID = "[invalid]"
"""What lm-eval's extracting filters leave of an answer they find nothing in."""
TOPICS = ("subject", "category", "topic", "difficulty")
"""Fields of documents that break a suite down."""


class LmEvalResult(BenchmarkRow):
    """``lm_eval/evaluator.py``. Metrics stand beside these fields, by their names."""

    doc_id: int | str
    doc: Any = None
    filter: str = "none"
    metrics: tuple[str, ...] = Field(min_length=1)
    resps: list[Any] = Field(default_factory=list)
    filtered_resps: list[Any] = Field(default_factory=list)
    doc_hash: str = ""
    target_hash: str = ""
    values: dict[str, Any]


def knows(row: dict[str, Any]) -> bool:
    return "doc_id" in row


def suite_in(path: Path) -> str | None:
    """The task that a file's name tells, as lm-eval writes it. Nothing in the file does: a renamed one has none."""
    named = re.match(r"samples_(.+)_\d{4}-\d\d-\d\dT", path.name)
    return named[1] if named else None


def read(opened: Opened, choices: Choices) -> ResultsReading:
    """Raises UsageError: a document is there twice, or the metric is not 0 or 1."""
    path, found = opened.path, opened.parsed(_row)
    chosen = take("filter", choices.filter, tuple(dict.fromkeys(row.filter for row in found)), path)
    rows = [row for row in found if row.filter == chosen.name]
    metric = take("metric", choices.metric, rows[0].metrics, path)
    suite = suite_in(path) or opened.suite or "lm-eval"
    entries: dict[str, SheetEntry] = {}
    for row in rows:
        task_id = f"{suite}/{row.doc_id}"
        if task_id in entries:
            raise UsageError(f"{path}: document {row.doc_id} is there twice", mend="give the file of one run")
        entries[task_id] = SheetEntry(
            task_id=task_id,
            digest=digest_of([row.doc_hash, row.target_hash]),
            verdict=_verdict(row, metric.name, path),
            suite=suite,
            tags=topics(row.doc),
            answer=_first_text(row.resps),
        )
    instrument = {"harness": "lm-eval", "suite": suite, "metric": metric.name, "filter": chosen.name}
    digest = digest_of([opened.sha256, metric.name, chosen.name])
    sheet = Sheet(subject=opened.sha256, digest=digest, instrument=instrument, entries=entries)
    return ResultsReading([sheet], {"metric": metric, "filter": chosen})


def topics(document: Any) -> tuple[str, ...]:
    """Values of the fields that break a suite down, for tags."""
    return tuple(str(document[f]) for f in TOPICS if is_object(document) and document.get(f))


def _row(row: dict[str, Any]) -> LmEvalResult:
    named = row.get("metrics")
    if "resps" in row and "filter" not in row and named is None:
        raise BadFile(
            "it names neither filter nor metrics, as lm-eval before 0.4.3 wrote its samples",
            mend="score again with a newer lm-eval, or give the metric's field: --id doc_id --pass NAME",
        )
    metrics = [name for name in named if isinstance(name, str)] if is_list(named) else []
    return LmEvalResult.model_validate({**row, "values": {name: row.get(name) for name in metrics}})


def _verdict(row: LmEvalResult, metric: str, path: Path) -> Verdict:
    value = row.values.get(metric)
    if value not in (0, 1):
        raise UsageError(
            f"{path}: document {row.doc_id}: metric {metric} is {value!r}, not 0 or 1",
            mend=f"name a metric that says whether an answer is right: --metric (there: {', '.join(row.metrics)})",
        )
    if value == 1:
        return PASSED
    return failed(Reason.NO_ANSWER if row.filtered_resps == [INVALID] else Reason.WRONG)


def _first_text(resps: Sequence[Any]) -> str:
    found: Any = resps
    while is_list(found) and found:
        found = found[0]
    return found if isinstance(found, str) else ""
