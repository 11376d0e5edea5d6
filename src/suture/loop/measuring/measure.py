"""Bench: every task asked and judged once."""

from collections.abc import Iterator, Mapping, Sequence

from suture.core.errors import UsageError
from suture.core.measure.attempt import Sampling
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.prompts import tools_by
from suture.core.measure.scoreboard import BrokenTask, Result, Scoreboard, suite_digest
from suture.core.measure.splits import Split
from suture.core.measure.task import Task
from suture.loop.measuring.asking import Asking, ask
from suture.loop.measuring.fitting import fitting
from suture.loop.measuring.judging import Judged, judge
from suture.loop.measuring.lazy_engine import LazyEngine
from suture.loop.measuring.pack_file import PackFile
from suture.loop.measuring.questions import GREEDY, batches_of, questions_of
from suture.loop.workshop import Workshop


def measure(
    workshop: Workshop,
    pack: PackFile,
    tasks: Sequence[Task],
    *,
    engine: EngineChoice,
    selectors: Sequence[str],
    splits: Mapping[str, Split] | None = None,
    sampling: Sampling = GREEDY,
    title: str = "bench",
    afresh: frozenset[str] | None = None,
    repeat: tuple[str, int] | None = None,
) -> Scoreboard:
    """Ask and judge every task; what the ledger already holds is not asked or judged again. Tasks that do not fit the
    model's context are left out, and named as broken for this pack.

    Args:
        afresh: ask and judge only the batches that hold one of these tasks, whatever the ledger holds.
        repeat: the run that measures afresh, and how often it did before: batches it has finished are not asked again.

    Raises:
        UsageError: no task fits the model's context.
        Fault: the engine failed. Finished batches stay recorded.
    """
    identity = workshop.engines.identify(engine)
    digests = {task.id: task.digest for task in tasks if splits and splits[task.id] is Split.HOLDOUT}
    tasks, too_long = _those_that_fit(workshop, pack, tasks, engine)
    for task in too_long:
        workshop.progress.note(task.says)
    batches = [b for b in batches_of(tasks, identity.batch) if afresh is None or any(task.id in afresh for task in b)]
    workshop.progress.start(title, sum(map(len, batches)))
    with LazyEngine(workshop, engine, pack) as asker:
        questions = (questions_of(batch, pack.template, engine) for batch in batches)
        answered = ask(workshop, asker, questions, _asking(sampling, afresh, repeat))
        judged = judge(workshop, zip(batches, answered, strict=True), afresh=afresh is not None)
        results = tuple(_results(judged, splits))
    workshop.progress.finish()
    return Scoreboard(
        pack=pack.sha256,
        template=pack.template,
        selectors=tuple(selectors),
        suite_digest=suite_digest(task.digest for task in tasks),
        engine=identity,
        sampling=sampling,
        max_tokens=engine.max_tokens,
        judge=workshop.judge.identity,
        tools=tools_by(pack.template) if any(task.tools for task in tasks) else None,
        results=results,
        broken=tuple(task.model_copy(update={"held_out": digests.get(task.task_id, "")}) for task in too_long),
    )


def _those_that_fit(
    workshop: Workshop, pack: PackFile, tasks: Sequence[Task], engine: EngineChoice
) -> tuple[tuple[Task, ...], tuple[BrokenTask, ...]]:
    """See ``fitting``. Raises UsageError: there were tasks, and none fits."""
    fit, too_long = fitting(workshop, pack, tasks, engine)
    if too_long and not fit:
        raise UsageError(
            f"no task fits the model's context; {too_long[0].task_id}: {too_long[0].why}",
            mend="shorter prompts, a smaller engine.max_tokens, or a model that reads more",
        )
    return fit, too_long


def _asking(sampling: Sampling, afresh: frozenset[str] | None, repeat: tuple[str, int] | None) -> Asking:
    if repeat is None:
        return Asking(sampling, afresh=afresh is not None)
    run, number = repeat
    return Asking(sampling, sample=number, repeat=f"{run}:{number}")


def _results(judged: Iterator[list[Judged]], splits: Mapping[str, Split] | None) -> Iterator[Result]:
    for batch in judged:
        for task, attempt, verdict in batch:
            split = splits[task.id] if splits else None
            yield Result(
                attempt=attempt, verdict=verdict, suite=task.suite, split=split, tags=task.tags, kind=task.check.kind
            )
