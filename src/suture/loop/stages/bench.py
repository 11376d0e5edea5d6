"""Stages ``bench``, ``gate-bench`` and the repeated ones: a pack measured on the run's tasks."""

from collections.abc import Sequence
from pathlib import Path

from suture.core.measure.attempt import Sampling
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.scoreboard import Scoreboard, suite_digest
from suture.core.measure.task import Task
from suture.core.plan.stages import BenchDone, StageOf
from suture.files.small_files import read_model, write_json
from suture.loop.measuring.measure import measure
from suture.loop.measuring.policy_files import Measured
from suture.loop.measuring.questions import GREEDY
from suture.loop.run import Run
from suture.loop.runner import Stage


def bench(
    run: Run,
    stage: StageOf[BenchDone],
    pack: Measured,
    engine: EngineChoice,
    out: Path,
    *,
    afresh: frozenset[str] | None = None,
    repeat: tuple[str, int] | None = None,
    only: Sequence[Task] | None = None,
    sampling: Sampling = GREEDY,
) -> Scoreboard:
    """Measure a pack or a policy on the run's tasks, or on ``only`` some. One with a fault is made again next time.

    Args:
        afresh, repeat, sampling: as in ``measure``.
    """
    tasks = run.tasks if only is None else only
    asked = tuple(sorted(afresh or (task.id for task in only or ())))

    def work() -> BenchDone:
        scoreboard = measure(
            run.workshop,
            pack,
            tasks,
            engine=engine,
            selectors=run.resolved.selectors,
            splits=run.resolved.splits,
            sampling=sampling,
            title=stage.name,
            afresh=afresh,
            repeat=repeat,
        )
        scoreboard = scoreboard.model_copy(update={"broken": (*run.broken, *scoreboard.broken)})
        write_json(out, scoreboard.to_json())
        return BenchDone(pack=pack.sha256, faults=scoreboard.tally().faulted, afresh=asked)

    inputs = {
        "pack": pack.sha256,
        "tasks": suite_digest(task.digest for task in tasks),
        "afresh": asked,
        "engine": run.workshop.engines.identify(engine).digest,
        "sampling": sampling.digest,
    }
    run.stages.once(
        Stage(stage, inputs, work, files=lambda _: {"scoreboard": out}, stands=lambda done: not done.faults)
    )
    return read_model(out, Scoreboard, what="scoreboard")
