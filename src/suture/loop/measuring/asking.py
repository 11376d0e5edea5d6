"""Asks a model in fixed batches that are recorded whole: which are due, an answer to each, a record of each.

A batch is the unit of resuming because an engine may round differently in another batch: a batch that was
cut off is asked again as a whole, so a resumed run sees the very answers of one that was never stopped.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field

from suture.core.digest import digest_of, digest_of_text
from suture.core.measure.attempt import Attempt, Completion, Sampling
from suture.loop.measuring.executor import Executor, Serial, Threads
from suture.loop.measuring.lazy_engine import LazyEngine
from suture.loop.measuring.questions import GREEDY, Question
from suture.loop.workshop import Workshop


@dataclass(frozen=True)
class Asking:
    """How a series of batches is asked.

    Attributes:
        sample: which of several samples this is.
        afresh: ask, whatever the ledger holds.
        repeat: names a repeated measurement: what the ledger holds of any other is not used.
    """

    sampling: Sampling = GREEDY
    sample: int = 0
    afresh: bool = False
    repeat: str = ""


def asking(sampling: Sampling, *, afresh: bool, repeat: tuple[str, int] | None, sample: int | None = None) -> Asking:
    """How a measurement asks.

    Args:
        afresh, repeat: as in ``measure``.
        sample: which of several samples this is; by default which repeat.
    """
    if repeat is None:
        return Asking(sampling, sample=sample or 0, afresh=afresh)
    run, number = repeat
    return Asking(sampling, sample=number if sample is None else sample, repeat=f"{run}:{number}")


@dataclass
class Batch:
    """One batch on its way.

    Attributes:
        known: its attempts where the ledger has them; else it is due, and nobody else asks it while ``held`` is open.
        awaited: the very same batch is under way already, and is in the ledger when this one's turn comes.
    """

    questions: tuple[Question, ...]
    key: str
    known: tuple[Attempt, ...] | None = None
    awaited: bool = False
    held: ExitStack = field(default_factory=ExitStack)

    @property
    def due(self) -> bool:
        return self.known is None and not self.awaited


def ask(
    workshop: Workshop,
    engine: LazyEngine,
    batches: Iterable[Sequence[Question]],
    how: Asking | None = None,
    *,
    executor: Executor | None = None,
) -> Iterator[tuple[Attempt, ...]]:
    """The attempts of each batch, one a question, in order; from the ledger where it holds this very batch.

    Raises:
        Fault: the engine failed. What was recorded before stays.
    """
    how = how or Asking()
    under_way: dict[str, Batch] = {}

    def answered(batch: Batch) -> tuple[Batch, list[Completion]]:
        return batch, answer(engine, batch, how) if batch.due else []

    due = (find_due(workshop, engine, tuple(questions), how, under_way) for questions in batches)
    try:
        for group in (executor or usual_executor(workshop)).groups(answered, due):
            attempts = record_group(workshop, engine, group, how)
            for batch, _ in group:
                under_way.pop(batch.key, None)
                batch.held.close()
            yield from attempts
    finally:
        for batch in under_way.values():
            batch.held.close()


def usual_executor(workshop: Workshop) -> Executor:
    """As many batches at once as the workshop's pace allows."""
    pace = workshop.pace
    if pace.batches is None:
        return Serial()
    return Threads(
        pace.batches,
        threads=pace.threads,
        waiting=lambda: workshop.stopwatch.timed("generate"),
        abandon=pace.abandon,
    )


def find_due(
    workshop: Workshop,
    engine: LazyEngine,
    questions: tuple[Question, ...],
    how: Asking,
    under_way: dict[str, Batch],
) -> Batch:
    """Look the batch up; one that is due is claimed, so that two processes do not both ask it.

    Args:
        under_way: batches that this process has claimed and not recorded yet, by their keys; this one is added.
    """
    batch = Batch(questions, batch_key(engine, questions, how))
    if how.afresh:
        return batch
    if batch.key in under_way:  # to claim it again would be to wait for ourselves
        batch.awaited = True
        return batch
    ledger = workshop.store.ledger
    batch.held.enter_context(ledger.claimed(batch.key))
    under_way[batch.key] = batch
    batch.known = ledger.attempts(batch.key)
    if batch.known is not None:
        batch.held.close()
        workshop.progress.advance(len(questions))
    return batch


def batch_key(engine: LazyEngine, questions: Sequence[Question], how: Asking) -> str:
    """Names what is asked of what, by which instrument: equal keys get equal answers."""
    requests = [question.request.digest for question in questions]
    tasks = [question.task.digest for question in questions]
    named = [engine.pack.sha256, engine.identity.digest, how.sampling.digest, requests, tasks]
    return digest_of([*named, how.repeat] if how.repeat else named)


def answer(engine: LazyEngine, batch: Batch, how: Asking) -> list[Completion]:
    """Compute, and nothing else: whatever runs this needs no ledger."""
    return engine.generate([question.request for question in batch.questions], how.sampling)


def record_group(
    workshop: Workshop, engine: LazyEngine, group: Sequence[tuple[Batch, Sequence[Completion]]], how: Asking
) -> list[tuple[Attempt, ...]]:
    """Record what is ready in one transaction: writing several batches at once takes less than half as long."""
    ledger = workshop.store.ledger
    several = sum(batch.due for batch, _ in group) > 1
    with ledger.together() if several else nullcontext():
        return [_recorded(workshop, engine, batch, completions, how) for batch, completions in group]


def _recorded(
    workshop: Workshop, engine: LazyEngine, batch: Batch, completions: Sequence[Completion], how: Asking
) -> tuple[Attempt, ...]:
    if batch.awaited:
        batch.known = workshop.store.ledger.attempts(batch.key)
        workshop.progress.advance(len(batch.questions))
    return batch.known or record(workshop, engine, batch, completions, how)


def record(
    workshop: Workshop, engine: LazyEngine, batch: Batch, completions: Sequence[Completion], how: Asking
) -> tuple[Attempt, ...]:
    """Write the whole batch into the ledger, in one transaction."""
    attempts = tuple(
        Attempt(
            task_id=question.task.id,
            task_digest=question.task.digest,
            pack=engine.pack.sha256,
            adapter=question.request.adapter,
            engine=engine.identity,
            sampling=how.sampling,
            sample=how.sample,
            prompt_digest=digest_of_text(question.request.prompt),
            stop=question.request.stop,
            max_tokens=question.request.max_tokens,
            completion=completion,
        )
        for question, completion in zip(batch.questions, completions, strict=True)
    )
    workshop.store.ledger.add_attempts(batch.key, attempts)
    return attempts
