"""Stages ``draw 1``, ``draw 2``, ...: the baseline's passes asked again with sampling, to tell what it can do from what
it happened to do."""

from suture.core.gate.luck import lucky_of, rules_for
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.sampled import sampled
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.sheet import sheet_of
from suture.core.plan.stages import draw_stage
from suture.loop.base_pack import BasePack
from suture.loop.run import Run
from suture.loop.stages.bench import bench

DRAW = "draw"


def draws(run: Run, base: BasePack, engine: EngineChoice, baseline: Scoreboard) -> tuple[Scoreboard, ...]:
    """Measure as many draws as the recipe's gate asks for, each of every task that it would protect.

    A policy has none: its tiers have temperatures of their own, and every pass of it is protected.

    Raises:
        Fault: the engine failed. Finished batches stay recorded.
    """
    rules, splits = rules_for(run.recipe.gate, baseline), run.resolved.splits
    skilled = {task_id for task_id in baseline.skilled if splits[task_id] in rules.protect}
    tasks = [task for task in run.tasks if task.id in skilled]
    return tuple(
        bench(
            run,
            draw_stage(number),
            base.file,
            engine,
            run.paths.repeat(DRAW, number),
            only=tasks,
            sampling=sampled(number, temperature=rules.draw_temperature),
        )
        for number in range(1, rules.draws + 1)
    )


def lucky_in(baseline: Scoreboard, drawn: tuple[Scoreboard, ...]) -> frozenset[str]:
    """Ids of the baseline's passes that some sampling of it does not repeat, or that say nothing."""
    return lucky_of([sheet_of(baseline)], [sheet_of(board) for board in drawn])
