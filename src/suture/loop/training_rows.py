"""The rows that a model is trained on, made of tasks and of what it answered."""

from collections.abc import Callable, Sequence

from suture.core.digest import digest_of_text
from suture.core.measure.attempt import Attempt
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.groups import bound_groups, question_key
from suture.core.measure.prompts import prompt_of
from suture.core.measure.scoreboard import Result, Scoreboard
from suture.core.measure.task import Task
from suture.core.measure.verdict import Reason
from suture.core.teach.dataset import RowKind, TargetKind, TrainingRow, within_reach
from suture.core.teach.findings import Findings
from suture.core.teach.harvest_settings import HarvestSettings, Otherwise
from suture.core.teach.own_answers import OwnAnswer
from suture.suites.kinds import KINDS, kind_of

LogLikelihoods = Callable[[Sequence[tuple[str, str]]], Sequence[float]]
"""Of each ``(prompt, target)``'s target after its prompt, under the base, in nats."""


def failure_row(
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


def variation_rows(found: Findings, template: ChatTemplate) -> list[TrainingRow]:
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


def lesson_rows(
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
            groups=bound_groups(task),
        )
        for task in tasks
        if (target := kind_of(task).target_of_reference(task, board.template, restyle=settings.normalise))
    ]
    if settings.likeliest < 1 and rows:
        rows = within_reach(with_loglik(rows, loglikelihoods), settings.likeliest)
    return [row for row in rows if row.trainable]


def with_loglik(failures: Sequence[TrainingRow], loglikelihoods: LogLikelihoods) -> list[TrainingRow]:
    pairs = list(dict.fromkeys((row.prompt, row.target) for row in failures if row.trainable and row.loglik is None))
    found = dict(zip(pairs, loglikelihoods(pairs), strict=True))
    return [row.model_copy(update={"loglik": found.get((row.prompt, row.target), row.loglik)}) for row in failures]


def anchor_row(task: Task, attempt: Attempt, template: ChatTemplate) -> TrainingRow:
    """A task with the model's own answer to it as the target."""
    row = _row(
        RowKind.ANCHOR, task, attempt, template, kind_of(task).target_of_answer(task, template, attempt.completion.text)
    )
    return row.model_copy(update={"target_kind": TargetKind.OWN_ANSWER, "target_attempt": row.attempt})


def how_replayed(task: Task, found: Findings) -> dict[str, bool]:
    """What an anchor's row says of when it is replayed."""
    lucky = task.id in found.lucky
    return {"lucky": lucky, "always_replayed": not lucky and task.suite in found.replayed}


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
        groups=bound_groups(task),
    )
