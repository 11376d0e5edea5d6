"""Served answers that nobody complained of, as rehearsal: what the model says to real questions, kept as it says it."""

from collections.abc import Sequence

from suture.core.measure.attempt import FinishReason
from suture.core.measure.checks.text import TextCheck
from suture.core.measure.served_record import AnswerOutcome, ServedRecord
from suture.core.measure.task import Task
from suture.core.teach.dataset import RowKind, TargetKind, TrainingRow
from suture.core.teach.served_claims import ServedSettings
from suture.loop.measuring.served_tasks import SUITE, served_id
from suture.serve.asked_again import Again, CannotAsk
from suture.store.served_file import ServedFile
from suture.suites.resemblance import Resemblance
from suture.wiring.replay import PacksAgain, ready
from suture.wiring.served_chat import chat_of


def rehearsals(
    packs: PacksAgain,
    file: ServedFile,
    settings: ServedSettings,
    untouchable: Sequence[Task],
    *,
    pack: str,
    most: int,
) -> tuple[TrainingRow, ...]:
    """Rows of the newest greedy, whole answers of one pack, one a question: none to a question of which somebody
    called an answer wrong, and none whose question is like one that must stay unseen.

    Args:
        pack: SHA-256 of the pack that is harvested.
        most: how many rows.
    """
    if not most:
        return ()
    complaints = file.blamed()
    blamed = {_question(one) for one in file.records() if one.id in complaints}
    resemblance, rows = Resemblance(untouchable), dict[str, TrainingRow]()
    for record in reversed(list(file.records(since=settings.since))):
        if _question(record) in blamed:
            continue
        for choice in range(len(record.answers)):
            if len(rows) == most:
                return tuple(rows.values())
            if settings.model is not None and not record.is_of(settings.model, choice):
                continue
            row = _row(packs, record, choice, pack, resemblance)
            if row is not None:
                rows.setdefault(row.task_digest, row)
    return tuple(rows.values())


def _question(record: ServedRecord) -> str:
    chat = chat_of(record)
    return chat.key if chat else ""


def _row(
    packs: PacksAgain, record: ServedRecord, choice: int, pack: str, resemblance: Resemblance
) -> TrainingRow | None:
    answer = record.answers[choice]
    whole = answer.outcome is AnswerOutcome.COMPLETE and answer.finish is FinishReason.STOP and answer.text
    if not whole or answer.sampling.temperature > 0:
        return None
    try:
        one = ready(packs, record, choice)
    except CannotAsk:
        return None
    if one.tier.pack != pack or one.asked.messages is None or not isinstance(one.speech.prompt, str):
        return None
    text = answer.text.removeprefix(one.form.opening)
    task = _task(one, text)
    if resemblance.twin_of_task(task) is not None:
        return None
    return TrainingRow(
        kind=RowKind.REHEARSAL,
        task_id=task.id,
        task_digest=task.content_digest,
        suite=SUITE,
        prompt=one.speech.prompt,
        target=text,
        answer=text,
        pack=pack,
        attempt="",
        origin="served.jsonl",
        target_kind=TargetKind.OWN_ANSWER,
    )


def _task(one: Again, text: str) -> Task:
    """The question, by which it is told from others; nothing is decided by its check."""
    messages = one.asked.messages or ()
    return Task(
        id=served_id(one.record.id, one.choice),
        suite=SUITE,
        messages=messages,
        tools=one.asked.tools,
        check=TextCheck(exact=text.strip()),
    )
