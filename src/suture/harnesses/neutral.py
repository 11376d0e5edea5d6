"""Rows of anybody's: ``id``, and ``passed`` or ``score``; what else is known may stand beside them (``docs/ci.md``).

The same id again is a repeated measurement where ``run`` tells the two apart. Fields may have other names: ``--id``,
``--pass``, ``--suite``. A null where ``passed`` should be is no verdict: the grader failed.
"""

from collections.abc import Mapping
from math import isnan
from typing import Any

from pydantic import BaseModel, ConfigDict

from suture.core.digest import digest_of
from suture.core.errors import BadFile, StaleEvidence
from suture.core.json_types import is_list
from suture.core.measure.sheet import Sheet, SheetEntry
from suture.core.measure.splits import Split
from suture.core.measure.verdict import Reason, Verdict
from suture.core.nearest import nearest
from suture.harnesses.opened import PASSED, Choices, Opened, ResultsReading, failed, id_of, without_verdict

IDS = ("id", "task_id", "case_id", "test_id", "name")
"""Names that an id is known by without being told."""
PASSES = ("passed", "pass", "success", "correct", "score")
WORDS = {
    **dict.fromkeys(("true", "yes", "pass", "passed", "success", "correct", "1", "1.0"), True),
    **dict.fromkeys(("false", "no", "fail", "failed", "failure", "wrong", "incorrect", "0", "0.0"), False),
    **dict.fromkeys(("", "null", "none", "error", "errored", "fault"), None),
}
"""What a table says of a verdict. None: there is none."""


class NeutralRow(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    task_id: str
    verdict: Verdict
    answer: str = ""
    prompt: str | None = None
    suite: str = ""
    split: Split | None = None
    tags: tuple[str, ...] = ()
    run: str = ""


class _Names(BaseModel):
    id: str
    passed: str
    suite: str


def knows(row: Mapping[str, Any]) -> bool:
    return any(name in row for name in IDS) and any(name in row for name in PASSES)


def read(opened: Opened, choices: Choices) -> ResultsReading:
    """Raises StaleEvidence: an id is there twice, and no ``run`` tells the two apart."""
    names = _names(opened.rows[0].row, choices, opened.rows[0].at)
    rows = opened.parsed(lambda row: _row(row, names, choices))
    runs: dict[str, dict[str, SheetEntry]] = {}
    for located, row in zip(opened.rows, rows, strict=True):
        entries = runs.setdefault(row.run, {})
        if row.task_id in entries:
            raise StaleEvidence(
                f"{located.at}: id {row.task_id!r} is there twice, so it cannot be told which result counts",
                mend="give each task an id of its own, or each repetition its number as `run`",
            )
        entries[row.task_id] = _entry(row)
    subject = opened.sha256
    sheets = [
        Sheet(subject, digest_of([subject, run]), {"harness": "rows"}, entries)
        for run, entries in sorted(runs.items(), key=lambda item: -len(item[1]))
    ]
    notes = [f"{names.id} names the task", f"{names.passed} says whether it passed{_threshold(choices)}"]
    if unread := sum(row.verdict.faulted for row in rows):
        notes.append(f"{unread} without a verdict")
    return ResultsReading(sheets, {}, tuple(notes))


def _threshold(choices: Choices) -> str:
    return "" if choices.threshold is None else f" (from {choices.threshold:g} on)"


def _names(row: Mapping[str, Any], choices: Choices, at: str) -> _Names:
    found = {
        "--id": choices.id or next((name for name in IDS if name in row), IDS[0]),
        "--pass": choices.passed or next((name for name in PASSES if name in row), PASSES[0]),
    }
    if choices.suite:
        found["--suite"] = choices.suite
    for option, name in found.items():
        if name not in row:
            near = nearest(name, row)
            hint = f"there: {', '.join(row)}" if near is None else f"did you mean {near!r}?"
            raise BadFile(f"{at}: no field {name!r}; {hint}", mend=f"{option} {near or 'FIELD'}")
    return _Names(id=found["--id"], passed=found["--pass"], suite=choices.suite or "suite")


def _row(row: dict[str, Any], names: _Names, choices: Choices) -> NeutralRow:
    task_id = id_of(row.get(names.id))
    if not task_id:
        raise ValueError(f"{names.id!r} is {row.get(names.id)!r}, and a task needs an id")
    split = row.get("split") or None
    if split is not None and split not in {one.value for one in Split}:
        split = "holdout" if split in ("test", "validation", "val", "eval") else "repair" if split == "train" else split
    return NeutralRow(
        task_id=task_id,
        verdict=_verdict(row, names, choices),
        answer=_text(row.get("answer")),
        prompt=_text(row["prompt"]) if row.get("prompt") is not None else None,
        suite=_text(row.get(names.suite)) or "tasks",
        split=Split(split) if split is not None else None,
        tags=_tags(row.get("tags")),
        run=_text(row.get("run")),
    )


def _verdict(row: Mapping[str, Any], names: _Names, choices: Choices) -> Verdict:
    value: Any = row.get(names.passed)
    if isinstance(value, str):
        value = _of_word(value)
    if value is None or (isinstance(value, float) and isnan(value)):
        return without_verdict(_text(row.get("error")) or f"{names.passed!r} is empty")
    if choices.threshold is not None and isinstance(value, int | float):
        passed = value >= choices.threshold
    elif value in (0, 1):
        passed = bool(value)
    else:
        raise BadFile(
            f"{names.passed!r} is {value!r}, neither right nor wrong",
            mend="say from where on it passes: --threshold 0.7",
        )
    answer = row.get("answer")
    return (
        PASSED
        if passed
        else failed(Reason.NO_ANSWER if answer is not None and not _text(answer).strip() else Reason.WRONG)
    )


def _of_word(value: str) -> Any:
    word = value.strip().lower()
    if word in WORDS:
        return WORDS[word]
    try:
        return float(word)
    except ValueError:
        return value


def _tags(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(filter(None, (tag.strip() for tag in value.replace(";", ",").split(","))))
    return tuple(_text(tag) for tag in value) if is_list(value) else ()


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else str(value)


def _entry(row: NeutralRow) -> SheetEntry:
    asked = [row.task_id] if row.prompt is None else [row.task_id, row.prompt]
    return SheetEntry(row.task_id, digest_of(asked), row.verdict, row.suite, row.split, row.tags, answer=row.answer)
