"""Stage ``harvest``: failures with their references, and anchors with the model's own passing answers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

from suture.core.errors import UsageError
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.task import Task
from suture.core.plan.stages import HARVEST
from suture.core.teach.dataset import (
    DatasetManifest,
    Overlap,
    RowKind,
    TrainingRow,
    contamination,
    dedupe,
    from_elsewhere,
    overlap,
    within_reach,
)
from suture.core.teach.findings import Findings
from suture.core.teach.own_answers import OwnAnswer, OwnAnswers
from suture.core.teach.rehearsal import Questions, Rehearsal
from suture.loop.base_pack import BasePack
from suture.loop.measuring.lessons import sound_lessons
from suture.loop.run import Run
from suture.loop.runner import Stage
from suture.loop.training_rows import (
    LogLikelihoods,
    anchor_row,
    failure_row,
    how_replayed,
    lesson_rows,
    variation_rows,
    with_loglik,
)
from suture.store.datasets import MANIFEST_FILE, write_dataset

MORE_TO_KEEP = (
    "add to the recipe's suites what it can do and is to keep, such as basics: suites: [tasks.jsonl, basics]. "
    "What it answers now: suture show"
)


def without_a_model(pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
    """Raises UsageError: a scoreboard alone says nothing of what the base finds likely."""
    raise UsageError("harvest.likeliest needs the base", mend="suture heal RECIPE")


def dataset(
    run: Run,
    base: BasePack,
    found: Findings,
    own: OwnAnswers | None,
    rehearsal: Rehearsal | None,
    *,
    questions: Questions | None = None,
    earlier: Mapping[str, Sequence[TrainingRow]],
) -> DatasetManifest:
    """Write what the run trains on into its directory. Raises UsageError as ``harvest``."""
    asked = {"own_answers": own.digest if own else None, "rehearsal": rehearsal.digest if rehearsal else None}
    if questions:
        asked["asked"] = questions.digest
    lessons = run.resolved.elsewhere.lessons

    def work() -> DatasetManifest:
        rows, manifest = harvest(
            found,
            own=own.answers if own else (),
            rehearsed=(*(rehearsal.rows if rehearsal else ()), *(questions.rows if questions else ())),
            lessons=sound_lessons(run.workshop, lessons),
            loglikelihoods=partial(run.foundry.loglikelihoods, base.directory),
            earlier=earlier,
        )
        return write_dataset(run.paths.dataset, rows, manifest.model_copy(update=asked))

    files = {"rows": run.paths.rows, "manifest": run.paths.dataset / MANIFEST_FILE}
    inputs = {"scoreboard": found.scoreboard.digest, **asked}
    if lessons:
        inputs["lessons"] = run.plan.lessons_digest
    return run.stages.once(Stage(HARVEST, inputs, work, files=lambda _: files))


def harvest(
    found: Findings,
    *,
    own: Sequence[OwnAnswer] = (),
    rehearsed: Sequence[TrainingRow] = (),
    lessons: Sequence[Task] = (),
    loglikelihoods: LogLikelihoods = without_a_model,
    earlier: Mapping[str, Sequence[TrainingRow]] | None = None,
    needs_anchors: bool = True,
) -> tuple[tuple[TrainingRow, ...], DatasetManifest]:
    """Rows from the repair split only. Faulted tasks give no row, nor do gate-only anchors.

    Args:
        own: passing answers of the model itself to tasks it failed: they are the targets there.
        rehearsed: rows of tasks that the model wrote itself, and of questions from elsewhere.
        lessons: tasks of other suites, like none of the run's.
        loglikelihoods: needed by ``settings.likeliest`` alone.
        needs_anchors: refuse where there are none.

    Raises:
        UsageError: nothing failed, no pass shows skill, or a row's task is held out or a dev task under another name.
    """
    template, settings = found.scoreboard.template, found.settings
    better = {answer.task_digest: answer for answer in own}
    failures = [
        failure_row(task, result, template, settings, better.get(task.content_digest))
        for task, result in found.failures
    ]
    if settings.likeliest < 1:
        failures = within_reach(with_loglik(failures, loglikelihoods), settings.likeliest)
    anchors = [
        anchor_row(task, result.attempt, template).model_copy(update=how_replayed(task, found))
        for task, result in found.replayable
    ]
    if needs_anchors and not found.scoreboard.skilled:
        raise UsageError(
            "no anchors to protect: the model passes no task at all, or only by saying nothing", mend=MORE_TO_KEEP
        )
    if not failures:
        raise UsageError(
            "no failures to train on: the model passes every task of the repair split",
            mend="add tasks that it fails, to the recipe's suites",
        )
    varied = variation_rows(found, template) if settings.variations else []
    taught = lesson_rows(lessons, found.scoreboard, settings, loglikelihoods)
    rows, dropped = dedupe([*failures, *varied, *taught, *anchors, *rehearsed])
    overlaps = tuple(overlap(rows, old, name=name) for name, old in (earlier or {}).items())
    manifest = _manifest(rows, dropped, contamination(rows, found.untouchable), overlaps, found.scoreboard)
    return rows, manifest.model_copy(update={"gate_only": found.gate_only})


def _manifest(
    rows: Sequence[TrainingRow],
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
        failures_without_reference=sum(not row.trainable and not row.out_of_reach for row in failures),
        failures_out_of_reach=sum(row.out_of_reach for row in failures),
        anchors=sum(row.kind is RowKind.ANCHOR for row in rows),
        variations=sum(row.kind is RowKind.VARIATION for row in rows),
        rehearsals=sum(row.kind is RowKind.REHEARSAL for row in rows),
        questions=sum(row.kind is RowKind.QUESTION for row in rows),
        lessons=sum(row.kind is RowKind.LESSON for row in rows),
        elsewhere=from_elsewhere(rows),
        duplicates_dropped=dropped,
        overlaps=overlaps,
        targets=dict(Counter(row.target_kind for row in failures if row.target_kind)),
        scoreboard=scoreboard.digest,
    )
