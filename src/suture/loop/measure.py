"""Bench: every task asked and judged once."""

from collections.abc import Mapping, Sequence

from suture.core.measure.attempt import Sampling
from suture.core.measure.scoreboard import Result, Scoreboard, suite_digest
from suture.core.measure.splits import Split
from suture.core.measure.task import Task
from suture.core.plan.recipe import EngineChoice
from suture.loop.asking import LazyEngine, PackFile, ask, batches_of, judge_answers, questions_of
from suture.loop.workshop import Workshop


def measure(
    workshop: Workshop,
    pack: PackFile,
    tasks: Sequence[Task],
    *,
    engine: EngineChoice,
    selectors: Sequence[str],
    splits: Mapping[str, Split] | None = None,
    sampling: Sampling | None = None,
    title: str = "bench",
    afresh: frozenset[str] | None = None,
    repeat: tuple[str, int] | None = None,
) -> Scoreboard:
    """Ask and judge every task; what the ledger already holds is not asked or judged again.

    Args:
        sampling: greedy when left out.
        afresh: ask and judge only the batches that hold one of these tasks, whatever the ledger holds.
        repeat: the run that measures afresh, and how often it did before: batches it has finished are not asked again.

    Raises:
        Fault: the engine failed. Finished batches stay recorded.
    """
    sampling = sampling or sampling_of(engine, tasks)
    identity = workshop.engines.identify(engine)
    results: list[Result] = []
    batches = [b for b in batches_of(tasks, identity.batch) if afresh is None or any(task.id in afresh for task in b)]
    workshop.progress.start(title, sum(map(len, batches)))
    with LazyEngine(workshop, engine, pack) as asker:
        for batch in batches:
            questions = questions_of(batch, pack.template)
            if repeat is None:
                attempts = ask(workshop, asker, questions, sampling, afresh=afresh is not None)
            else:
                run, number = repeat
                attempts = ask(workshop, asker, questions, sampling, sample=number, repeat=f"{run}:{number}")
            verdicts = judge_answers(workshop, batch, attempts, afresh=afresh is not None)
            for task, attempt, verdict in zip(batch, attempts, verdicts, strict=True):
                split = splits[task.id] if splits else None
                results.append(Result(attempt=attempt, verdict=verdict, suite=task.suite, split=split, tags=task.tags))
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


SEEDS_APART = 1000
"""Between two draws' seeds: an engine may add a prompt's place in its batch to the seed."""


def drawn(greedy: Sampling, number: int, *, temperature: float, top_p: float = 1.0, seed: int = 0) -> Sampling:
    """The ``number``-th draw of a series, which ``seed`` names."""
    return greedy.model_copy(update={"temperature": temperature, "top_p": top_p, "seed": seed + SEEDS_APART * number})
