"""Asks a model in fixed batches that are recorded whole, and has its answers judged.

A batch is the unit of resuming because an engine may round differently in another batch: a batch that was
cut off is asked again as a whole, so a resumed run sees the very answers of one that was never stopped.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

from suture.core.digest import digest_of, digest_of_text
from suture.core.errors import Fault
from suture.core.measure.attempt import AdapterUse, Attempt, Completion, Request, Sampling
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.task import Task
from suture.core.measure.verdict import Verdict
from suture.core.plan.ports import Generator
from suture.core.plan.recipe import EngineChoice
from suture.loop.workshop import Workshop
from suture.suites.program import program_of, settle

T = TypeVar("T")


@dataclass(frozen=True)
class PackFile:
    """A pack on disk, with what is needed to ask it."""

    path: Path
    sha256: str
    template: ChatTemplate


class Question(NamedTuple):
    """A task and the rendered prompt it is asked with."""

    task: Task
    prompt: str


def questions_of(tasks: Sequence[Task], template: ChatTemplate) -> list[Question]:
    return [Question(task, template.render(task.messages, task.answer_prefix)) for task in tasks]


def batches_of(items: Sequence[T], size: int) -> Iterator[tuple[T, ...]]:
    for start in range(0, len(items), size):
        yield tuple(items[start : start + size])


class LazyEngine:
    """Loads the pack when the first batch needs it: a run that only reads the ledger loads nothing.

    ``adapters``: PEFT directories to load beside it, by the SHA-256 of their weights.
    """

    def __init__(
        self, workshop: Workshop, choice: EngineChoice, pack: PackFile, adapters: Mapping[str, Path] | None = None
    ) -> None:
        self._workshop, self._choice, self.pack = workshop, choice, pack
        self._beside = {"adapters": adapters} if adapters else {}
        self._engine: Generator | None = None
        self.identity = workshop.engines.identify(choice)

    def __enter__(self) -> "LazyEngine":
        return self

    def __exit__(self, *_: object) -> None:
        if self._engine is not None:
            self._engine.close()

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> list[Completion]:
        if self._engine is None:
            with self._workshop.stopwatch.timed("load"):
                self._engine = self._workshop.engines.open(self._choice, self.pack.path, **self._beside)
            if self._engine.identity != self.identity:
                raise Fault(f"engine says it is {self._engine.identity}, expected {self.identity}")
        found: dict[int, Completion] = {}
        with self._workshop.stopwatch.timed("generate"):
            for index, completion in self._engine.generate(requests, sampling):
                found[index] = completion
                self._workshop.progress.advance(tokens=completion.tokens)
        if len(found) != len(requests):
            raise Fault(f"engine {self.identity.name} answered {len(found)} of {len(requests)} requests")
        return [found[index] for index in range(len(requests))]


def ask(
    workshop: Workshop,
    engine: LazyEngine,
    batch: Sequence[Question],
    sampling: Sampling,
    *,
    sample: int = 0,
    adapter: AdapterUse | None = None,
    afresh: bool = False,
    repeat: str = "",
) -> tuple[Attempt, ...]:
    """One attempt a question, in order, from the ledger if it holds this very batch.

    Args:
        sample: which of several draws this is.
        adapter: one of those the engine has loaded beside the pack.
        afresh: ask, whatever the ledger holds.
        repeat: names a repeated measurement: what the ledger holds of any other is not used.

    Raises:
        Fault: the engine failed.
    """
    pack = engine.pack
    requests = [Request(prompt=question.prompt, adapter=adapter) for question in batch]
    prompt_digests = [digest_of_text(request.prompt) for request in requests]
    task_digests = [question.task.digest for question in batch]
    named = [pack.sha256, engine.identity.digest, sampling.digest, prompt_digests, task_digests]
    named += [adapter.digest] if adapter else []
    key = digest_of([*named, repeat] if repeat else named)
    with nullcontext() if afresh else workshop.store.ledger.claimed(key):
        known = None if afresh else workshop.store.ledger.attempts(key)
        if known is not None:
            workshop.progress.advance(len(batch))
            return known
        completions = engine.generate(requests, sampling)
        attempts = tuple(
            Attempt(
                task_id=question.task.id,
                task_digest=question.task.digest,
                pack=pack.sha256,
                adapter=adapter,
                engine=engine.identity,
                sampling=sampling,
                sample=sample,
                prompt_digest=prompt_digest,
                completion=completion,
            )
            for question, prompt_digest, completion in zip(batch, prompt_digests, completions, strict=True)
        )
        workshop.store.ledger.add_attempts(key, attempts)
    return attempts


def judge_answers(
    workshop: Workshop, batch: Sequence[Task], attempts: Sequence[Attempt], *, afresh: bool = False
) -> list[Verdict]:
    """One verdict an attempt, in order. Raises Fault when the judge lost one."""
    judge = workshop.judge.identity.digest
    verdicts: list[Verdict | None] = []
    waiting: list[tuple[int, Task, str]] = []
    for index, (task, attempt) in enumerate(zip(batch, attempts, strict=True)):
        program = program_of(task, attempt.completion)
        if isinstance(program, Verdict):
            verdicts.append(program)
            continue
        verdicts.append(None if afresh else workshop.store.ledger.verdict(task.digest, digest_of_text(program), judge))
        if verdicts[-1] is None:
            waiting.append((index, task, program))
    with workshop.stopwatch.timed("judge"):
        spoken = dict(workshop.judge.judge([(task, program) for _, task, program in waiting]))
    fresh = [(*waiting[at], verdict) for at, verdict in spoken.items()]
    workshop.store.ledger.add_verdicts(
        [(task.digest, digest_of_text(program), judge, v) for _, task, program, v in fresh]
    )
    for index, _, _, verdict in fresh:
        verdicts[index] = verdict
    settled = [
        settle(attempt.completion, verdict)
        for attempt, verdict in zip(attempts, verdicts, strict=True)
        if verdict is not None
    ]
    if len(settled) != len(batch):
        raise Fault(f"the judge gave {len(spoken)} verdicts for {len(waiting)} programs")
    return settled


def ask_and_judge(
    workshop: Workshop,
    engine: LazyEngine,
    questions: Sequence[Question],
    sampling: Sampling,
    *,
    sample: int = 0,
    adapter: AdapterUse | None = None,
) -> Iterator[tuple[Task, Attempt, Verdict]]:
    """``ask`` and ``judge_answers`` for every batch of the engine's size, in order."""
    for batch in batches_of(questions, engine.identity.batch):
        tasks = [question.task for question in batch]
        attempts = ask(workshop, engine, batch, sampling, sample=sample, adapter=adapter)
        yield from zip(tasks, attempts, judge_answers(workshop, tasks, attempts), strict=True)
