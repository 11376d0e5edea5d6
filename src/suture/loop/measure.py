"""Bench: every task asked and judged once, in fixed batches that are recorded whole.

A batch is the unit of resuming because an engine may round differently in another batch: a batch that was
cut off is asked again as a whole, so a resumed run sees the very answers of one that was never stopped.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from suture.core.attempt import Attempt, Completion, Request, Sampling
from suture.core.chat import ChatTemplate
from suture.core.digest import digest_of, digest_of_text
from suture.core.errors import Fault
from suture.core.ports import Generator
from suture.core.recipe import EngineChoice
from suture.core.scoreboard import Result, Scoreboard, suite_digest
from suture.core.splits import Split
from suture.core.task import Task
from suture.core.verdict import Verdict
from suture.loop.workshop import Workshop
from suture.suites.program import program_of, settle


@dataclass(frozen=True)
class PackFile:
    """A pack on disk, with what is needed to ask it."""

    path: Path
    sha256: str
    template: ChatTemplate


def measure(
    workshop: Workshop,
    pack: PackFile,
    tasks: Sequence[Task],
    *,
    engine: EngineChoice,
    selectors: Sequence[str],
    splits: Mapping[str, Split] | None = None,
    title: str = "bench",
    afresh: frozenset[str] | None = None,
) -> Scoreboard:
    """Ask and judge every task; what the ledger already holds is not asked or judged again.

    Args:
        afresh: ask and judge only the batches that hold one of these tasks, whatever the ledger holds.

    Raises:
        Fault: the engine failed. Finished batches stay recorded.
    """
    sampling = sampling_of(engine, tasks)
    identity = workshop.identify_engine(engine)
    results: list[Result] = []
    batches = [b for b in _batches(tasks, identity.batch) if afresh is None or any(task.id in afresh for task in b)]
    workshop.progress.start(title, sum(map(len, batches)))
    with _LazyEngine(workshop, engine, pack) as asker:
        for batch in batches:
            attempts = _ask(workshop, asker, pack, batch, sampling, afresh=afresh is not None)
            verdicts = _judge(workshop, batch, attempts, afresh=afresh is not None)
            for task, attempt, verdict in zip(batch, attempts, verdicts, strict=True):
                split = splits[task.id] if splits else None
                results.append(Result(attempt=attempt, verdict=verdict, suite=task.suite, split=split))
    workshop.progress.finish()
    return Scoreboard(
        pack=pack.sha256,
        template=pack.template,
        selectors=tuple(selectors),
        suite_digest=suite_digest(task.digest for task in tasks),
        engine=identity,
        sampling=sampling,
        judge=workshop.judge.identity,
        results=tuple(results),
    )


def sampling_of(engine: EngineChoice, tasks: Sequence[Task]) -> Sampling:
    """Greedy, with the stop strings of the tasks (equal for all suites that ask for fenced code)."""
    stop = tuple(dict.fromkeys(mark for task in tasks for mark in task.stop))
    return Sampling(max_tokens=engine.max_tokens, stop=stop)


def _batches(tasks: Sequence[Task], size: int) -> Iterator[tuple[Task, ...]]:
    for start in range(0, len(tasks), size):
        yield tuple(tasks[start : start + size])


class _LazyEngine:
    """Loads the pack when the first batch needs it: a run that only reads the ledger loads nothing."""

    def __init__(self, workshop: Workshop, choice: EngineChoice, pack: PackFile) -> None:
        self._workshop, self._choice, self._pack = workshop, choice, pack
        self._engine: Generator | None = None
        self.identity = workshop.identify_engine(choice)

    def __enter__(self) -> "_LazyEngine":
        return self

    def __exit__(self, *_: object) -> None:
        if self._engine is not None:
            self._engine.close()

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> list[Completion]:
        if self._engine is None:
            with self._workshop.stopwatch.timed("load"):
                self._engine = self._workshop.open_engine(self._choice, self._pack.path)
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


def _ask(
    workshop: Workshop,
    engine: _LazyEngine,
    pack: PackFile,
    batch: Sequence[Task],
    sampling: Sampling,
    *,
    afresh: bool,
) -> tuple[Attempt, ...]:
    requests = [Request(prompt=pack.template.render(task.messages, task.answer_prefix)) for task in batch]
    prompt_digests = [digest_of_text(request.prompt) for request in requests]
    key = digest_of([pack.sha256, engine.identity.digest, sampling.digest, prompt_digests, [t.digest for t in batch]])
    known = None if afresh else workshop.ledger.attempts(key)
    if known is not None:
        workshop.progress.advance(len(batch))
        return known
    completions = engine.generate(requests, sampling)
    attempts = tuple(
        Attempt(
            task_id=task.id,
            task_digest=task.digest,
            pack=pack.sha256,
            engine=engine.identity,
            sampling=sampling,
            prompt_digest=prompt_digest,
            completion=completion,
        )
        for task, prompt_digest, completion in zip(batch, prompt_digests, completions, strict=True)
    )
    workshop.ledger.add_attempts(key, attempts)
    return attempts


def _judge(workshop: Workshop, batch: Sequence[Task], attempts: Sequence[Attempt], *, afresh: bool) -> list[Verdict]:
    judge = workshop.judge.identity.digest
    verdicts: list[Verdict | None] = []
    waiting: list[tuple[int, Task, str]] = []
    for index, (task, attempt) in enumerate(zip(batch, attempts, strict=True)):
        program = program_of(task, attempt.completion)
        if isinstance(program, Verdict):
            verdicts.append(program)
            continue
        verdicts.append(None if afresh else workshop.ledger.verdict(task.digest, digest_of_text(program), judge))
        if verdicts[-1] is None:
            waiting.append((index, task, program))
    with workshop.stopwatch.timed("judge"):
        spoken = dict(workshop.judge.judge([(task, program) for _, task, program in waiting]))
    fresh = [(*waiting[at], verdict) for at, verdict in spoken.items()]
    workshop.ledger.add_verdicts([(task.digest, digest_of_text(program), judge, v) for _, task, program, v in fresh])
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
