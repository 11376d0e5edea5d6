"""From a scoreboard to a dataset: failures with their references, anchors with the model's own passing answers."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from suture.core.chat import ChatTemplate
from suture.core.dataset import (
    Dataset,
    DatasetManifest,
    Overlap,
    Row,
    RowKind,
    contamination,
    dedupe,
    overlap,
    seeded_share,
)
from suture.core.errors import BadFile, UsageError
from suture.core.recipe import HarvestSettings
from suture.core.scoreboard import Result, Scoreboard
from suture.core.splits import Split
from suture.core.task import Task
from suture.files.read_write import read_model, sha256_of, write_json, write_text
from suture.suites.answer import extract_code
from suture.suites.normalise import normalise

CLOSING_FENCE = "\n```"
ROWS_FILE = "rows.jsonl"
MANIFEST_FILE = "manifest.json"


def harvest(
    scoreboard: Scoreboard,
    tasks: Sequence[Task],
    settings: HarvestSettings,
    *,
    splits: Mapping[str, Split],
    earlier: Mapping[str, Sequence[Row]] | None = None,
) -> tuple[tuple[Row, ...], DatasetManifest]:
    """Rows from the repair split only. Faulted tasks give no row.

    Raises:
        UsageError: nothing failed, nothing passed, or a row's task is held out or a dev task under another name.
    """
    by_id = {task.id: task for task in tasks}
    repairable = [result for result in scoreboard.results if splits[result.task_id] is Split.REPAIR]
    failures = [
        _failure_row(by_id[result.task_id], result, scoreboard.template, settings)
        for result in repairable
        if not result.verdict.passed and not result.verdict.faulted
    ]
    anchors = [
        _anchor_row(by_id[result.task_id], result, scoreboard.template)
        for result in repairable
        if result.verdict.passed
    ]
    if not scoreboard.passed:
        raise UsageError("no anchors to protect: the model passes no task at all")
    if not failures:
        raise UsageError("no failures to train on: the model passes every task of the repair split")
    rows, dropped = dedupe([*seeded_share(failures, settings.share, seed=settings.seed), *anchors])
    untouchable = [by_id[task_id].content_digest for task_id, split in splits.items() if split is not Split.REPAIR]
    overlaps = tuple(overlap(rows, old, name=name) for name, old in (earlier or {}).items())
    return rows, _manifest(rows, dropped, contamination(rows, untouchable), overlaps, scoreboard)


def _manifest(
    rows: Sequence[Row],
    dropped: int,
    contaminated: tuple[str, ...],
    overlaps: tuple[Overlap, ...],
    scoreboard: Scoreboard,
) -> DatasetManifest:
    if contaminated:
        raise UsageError(f"contaminated: {', '.join(contaminated)} would be trained on and held out")
    failures = [row for row in rows if row.kind is RowKind.FAILURE]
    return DatasetManifest(
        rows_sha256="",
        failures=len(failures),
        failures_without_reference=sum(not row.trainable for row in failures),
        anchors=len(rows) - len(failures),
        duplicates_dropped=dropped,
        overlaps=overlaps,
        scoreboard=scoreboard.digest,
    )


def _failure_row(task: Task, result: Result, template: ChatTemplate, settings: HarvestSettings) -> Row:
    reference = task.reference
    if reference is not None and settings.normalise:
        reference = normalise(reference)
    target = "" if reference is None else reference.strip("\n") + CLOSING_FENCE
    return _row(RowKind.FAILURE, task, result, template, target)


def _anchor_row(task: Task, result: Result, template: ChatTemplate) -> Row:
    """The target is the code that passed, exactly as the model wrote it."""
    text = result.attempt.completion.text
    code = extract_code(text, opened=bool(task.answer_prefix), entry_point=task.entry_point) or text
    return _row(RowKind.ANCHOR, task, result, template, code.rstrip() + CLOSING_FENCE)


def _row(kind: RowKind, task: Task, result: Result, template: ChatTemplate, target: str) -> Row:
    return Row(
        kind=kind,
        task_id=task.id,
        task_digest=task.content_digest,
        suite=task.suite,
        prompt=template.render(task.messages, task.answer_prefix),
        target=target,
        answer=result.attempt.completion.text,
        reason=result.verdict.reason,
        pack=result.attempt.pack,
        attempt=result.attempt.digest,
        origin=task.origin,
        licence=task.licence,
    )


def write_dataset(directory: Path, rows: Sequence[Row], manifest: DatasetManifest) -> DatasetManifest:
    """Write ``rows.jsonl``, then the manifest with its hash: a directory with a manifest is complete."""
    text = "".join(row.model_dump_json() + "\n" for row in rows)
    manifest = manifest.model_copy(update={"rows_sha256": write_text(directory / ROWS_FILE, text)})
    write_json(directory / MANIFEST_FILE, manifest.to_json())
    return manifest


def read_dataset(directory: Path) -> Dataset:
    """Raises BadFile when it is incomplete, or its rows are not the ones the manifest names."""
    mend = "suture harvest SCOREBOARD --out DIR"
    manifest = read_model(directory / MANIFEST_FILE, DatasetManifest, what="dataset manifest", mend=mend)
    path = directory / ROWS_FILE
    if sha256_of(path) != manifest.rows_sha256:
        raise BadFile(f"{path} was changed after it was harvested", mend=mend)
    lines = path.read_text().split("\n")
    return Dataset(rows=tuple(Row.model_validate_json(line) for line in lines if line), manifest=manifest)
