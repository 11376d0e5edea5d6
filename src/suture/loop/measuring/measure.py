"""Bench: every task asked and judged once."""

from collections.abc import Mapping, Sequence

from suture.core.errors import UsageError
from suture.core.measure.attempt import Attempt, Sampling
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.scoreboard import BrokenTask, Result, Scoreboard, suite_digest
from suture.core.measure.served import Served
from suture.core.measure.splits import Split
from suture.core.measure.task import Task
from suture.core.measure.tools_by import tools_by
from suture.core.measure.verdict import Verdict
from suture.loop.measuring.asking import ask, asking
from suture.loop.measuring.fitting import fitting
from suture.loop.measuring.judging import judge
from suture.loop.measuring.lazy_engine import LazyEngine
from suture.loop.measuring.measure_policy import answer_by_policy
from suture.loop.measuring.policy_files import Measured, PolicyFiles
from suture.loop.measuring.questions import GREEDY, batches_of, questions_of
from suture.loop.workshop import Workshop


def measure(
    workshop: Workshop,
    pack: Measured,
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
        pack: or a policy, whose tiers have a sampling of their own.
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
    if isinstance(pack, PolicyFiles):
        by_policy = answer_by_policy(
            workshop, pack, batches, engine=engine, title=title, afresh=afresh is not None, repeat=repeat
        )
        results = tuple(_result(*answered, splits) for batch in by_policy for answered in batch)
    else:
        workshop.progress.start(title, sum(map(len, batches)))
        with LazyEngine(workshop, engine, pack) as asker:
            questions = (questions_of(batch, pack.template, engine) for batch in batches)
            answered = ask(workshop, asker, questions, asking(sampling, afresh=afresh is not None, repeat=repeat))
            judged = judge(workshop, zip(batches, answered, strict=True), afresh=afresh is not None)
            results = tuple(_result(*one, None, splits) for batch in judged for one in batch)
        workshop.progress.finish()
    return Scoreboard(
        pack=pack.sha256,
        policy=pack.policy if isinstance(pack, PolicyFiles) else None,
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
    workshop: Workshop, measured: Measured, tasks: Sequence[Task], engine: EngineChoice
) -> tuple[tuple[Task, ...], tuple[BrokenTask, ...]]:
    """See ``fitting``: every pack of a policy must read a task. Raises UsageError: there were tasks, and none fits."""
    fit, too_long = tuple(tasks), ()
    for pack in measured.packs.values() if isinstance(measured, PolicyFiles) else (measured,):
        fit, longer = fitting(workshop, pack, fit, engine)
        too_long = (*too_long, *longer)
    if too_long and not fit:
        raise UsageError(
            f"no task fits the model's context; {too_long[0].task_id}: {too_long[0].why}",
            mend="shorter prompts, a smaller engine.max_tokens, or a model that reads more",
        )
    return fit, too_long


def _result(
    task: Task, attempt: Attempt, verdict: Verdict, served: Served | None, splits: Mapping[str, Split] | None
) -> Result:
    return Result(
        attempt=attempt,
        verdict=verdict,
        suite=task.suite,
        split=splits[task.id] if splits else None,
        tags=task.tags,
        kind=task.check.kind,
        served=served,
    )
