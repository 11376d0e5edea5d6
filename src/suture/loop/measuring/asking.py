"""Asks a model in fixed batches that are recorded whole: which are due, an answer to each, a record of each.

A batch is the unit of resuming because an engine may round differently in another batch: a batch that was
cut off is asked again as a whole, so a resumed run sees the very answers of one that was never stopped.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from suture.core.digest import digest_of, digest_of_text
from suture.core.measure.attempt import Attempt, Completion, Sampling
from suture.loop.measuring.executor import Executor, Serial
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
    """One batch on its way. ``known``: its attempts where the ledger has them; else it is due, and nobody else asks it
    while ``held`` is open."""

    questions: tuple[Question, ...]
    key: str
    known: tuple[Attempt, ...] | None = None
    held: ExitStack = field(default_factory=ExitStack)


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

    def answered(batch: Batch) -> tuple[Batch, list[Completion]]:
        return batch, [] if batch.known else answer(engine, batch, how)

    due = (find_due(workshop, engine, tuple(questions), how) for questions in batches)
    for batch, completions in (executor or Serial()).map(answered, due):
        with batch.held:
            yield batch.known or record(workshop, engine, batch, completions, how)


def find_due(workshop: Workshop, engine: LazyEngine, questions: tuple[Question, ...], how: Asking) -> Batch:
    """Look the batch up; one that is due is claimed, so that two processes do not both ask it."""
    batch = Batch(questions, batch_key(engine, questions, how))
    if how.afresh:
        return batch
    ledger = workshop.store.ledger
    batch.held.enter_context(ledger.claimed(batch.key))
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
