"""Stage ``harvest``: failures with their references, and anchors with the model's own passing answers."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from suture.core.digest import digest_of_text
from suture.core.errors import UsageError
from suture.core.measure.attempt import Attempt
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.groups import question_key
from suture.core.measure.prompts import prompt_of
from suture.core.measure.scoreboard import Result, Scoreboard
from suture.core.measure.task import Task
from suture.core.measure.verdict import Reason
from suture.core.plan.stages import HARVEST
from suture.core.teach.dataset import (
    DatasetManifest,
    Overlap,
    RowKind,
    TargetKind,
    TrainingRow,
    contamination,
    dedupe,
    from_elsewhere,
    overlap,
    within_reach,
)
from suture.core.teach.findings import Findings
from suture.core.teach.harvest_settings import HarvestSettings, Otherwise
from suture.core.teach.own_answers import OwnAnswer, OwnAnswers
from suture.core.teach.rehearsal import Questions, Rehearsal
from suture.loop.base_pack import BasePack
from suture.loop.run import Run
from suture.loop.runner import Stage
from suture.store.datasets import MANIFEST_FILE, write_dataset
from suture.suites.kinds import KINDS, kind_of

LogLikelihoods = Callable[[Sequence[tuple[str, str]]], Sequence[float]]
"""Of each ``(prompt, target)``'s target after its prompt, under the base, in nats."""


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
            lessons=lessons,
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
        _failure_row(task, result, template, settings, better.get(task.content_digest))
        for task, result in found.failures
    ]
    if settings.likeliest < 1:
        failures = within_reach(_with_loglik(failures, loglikelihoods), settings.likeliest)
    anchors = [anchor_row(task, result.attempt, template) for task, result in found.replayable]
    if needs_anchors and not found.scoreboard.skilled:
        raise UsageError(
            "no anchors to protect: the model passes no task at all, or only by saying nothing", mend=MORE_TO_KEEP
        )
    if not failures:
        raise UsageError(
            "no failures to train on: the model passes every task of the repair split",
            mend="add tasks that it fails, to the recipe's suites",
        )
    varied = _variations(found, template) if settings.variations else []
    taught = _lessons(lessons, found.scoreboard, settings, loglikelihoods)
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


def _failure_row(
    task: Task, result: Result, template: ChatTemplate, settings: HarvestSettings, own: OwnAnswer | None
) -> TrainingRow:
    row = _row(RowKind.FAILURE, task, result.attempt, template, "", reason=result.verdict.reason)
    if own is not None:
        found = {"target_kind": own.kind, "target_attempt": own.attempt, "loglik": own.loglik}
        return row.model_copy(update={"target": own.target, **found})
    target = kind_of(task).target_of_reference(task, template, restyle=settings.normalise)
    if target is None or settings.otherwise is Otherwise.NOTHING:
        return row
    kind = TargetKind.RESTYLED if settings.normalise else TargetKind.REFERENCE
    return row.model_copy(update={"target": target, "target_kind": kind})


def _variations(found: Findings, template: ChatTemplate) -> list[TrainingRow]:
    """Of the failures, each kind's among themselves; none that happens to be a task that no row may be about."""
    settings, untouchable = found.settings, set(found.untouchable)
    attempts = {task.id: result.attempt for task, result in found.failures}
    varied = [
        (task, attempts[source])
        for kind in KINDS.values()
        if kind.varying is not None
        for source, tasks in kind.varying.vary(
            [task for task, _ in found.failures if kind_of(task) is kind], settings.variations, seed=settings.seed
        ).items()
        for task in tasks
        if task.content_digest not in untouchable
    ]
    return [_variation_row(task, attempt, template, settings) for task, attempt in varied]


def _variation_row(task: Task, attempt: Attempt, template: ChatTemplate, settings: HarvestSettings) -> TrainingRow:
    """``attempt``: of the failure that was varied; nobody was asked the variation."""
    target = kind_of(task).target_of_reference(task, template, restyle=settings.normalise)
    row = _row(RowKind.VARIATION, task, attempt, template, target or "")
    return row.model_copy(update={"answer": "", "target_kind": TargetKind.REFERENCE})


def _lessons(
    tasks: Sequence[Task], board: Scoreboard, settings: HarvestSettings, loglikelihoods: LogLikelihoods
) -> list[TrainingRow]:
    """Of the tasks with a reference, the likeliest under the base where the settings ask for that."""
    rows = [
        TrainingRow(
            kind=RowKind.LESSON,
            task_id=task.id,
            task_digest=task.content_digest,
            suite=task.suite,
            prompt=prompt_of(task, board.template).text,
            target=target,
            answer="",
            pack=board.pack,
            attempt="",
            origin=task.origin,
            licence=task.licence,
            target_kind=TargetKind.RESTYLED if settings.normalise else TargetKind.REFERENCE,
            question=digest_of_text(question_key(task)),
        )
        for task in tasks
        if (target := kind_of(task).target_of_reference(task, board.template, restyle=settings.normalise))
    ]
    if settings.likeliest < 1 and rows:
        rows = within_reach(_with_loglik(rows, loglikelihoods), settings.likeliest)
    return [row for row in rows if row.trainable]


def _with_loglik(failures: Sequence[TrainingRow], loglikelihoods: LogLikelihoods) -> list[TrainingRow]:
    pairs = list(dict.fromkeys((row.prompt, row.target) for row in failures if row.trainable and row.loglik is None))
    found = dict(zip(pairs, loglikelihoods(pairs), strict=True))
    return [row.model_copy(update={"loglik": found.get((row.prompt, row.target), row.loglik)}) for row in failures]


def anchor_row(task: Task, attempt: Attempt, template: ChatTemplate) -> TrainingRow:
    """A task with the model's own answer to it as the target."""
    row = _row(
        RowKind.ANCHOR, task, attempt, template, kind_of(task).target_of_answer(task, template, attempt.completion.text)
    )
    return row.model_copy(update={"target_kind": TargetKind.OWN_ANSWER, "target_attempt": row.attempt})


def _row(
    kind: RowKind,
    task: Task,
    attempt: Attempt,
    template: ChatTemplate,
    target: str,
    *,
    reason: Reason | None = None,
) -> TrainingRow:
    return TrainingRow(
        kind=kind,
        task_id=task.id,
        task_digest=task.content_digest,
        suite=task.suite,
        prompt=prompt_of(task, template).text,
        target=target,
        answer=attempt.completion.text,
        reason=reason,
        pack=attempt.pack,
        attempt=attempt.digest,
        origin=task.origin,
        licence=task.licence,
    )
