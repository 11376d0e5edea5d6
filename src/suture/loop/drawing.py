"""The baseline's passes asked again with sampling, to tell what it can do from what it happened to do."""

from suture.core.gate.luck import lucky_of
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.sheet import sheet_of
from suture.loop.measuring.questions import sampled
from suture.loop.packing import BasePack
from suture.loop.run import Run

DRAW = "draw"


def draws_of(run: Run, base: BasePack, baseline: Scoreboard) -> tuple[Scoreboard, ...]:
    """As many as the recipe's gate asks for, each of every task that it would protect.

    Raises:
        Fault: the engine failed. Finished batches stay recorded.
    """
    rules, resolved = run.recipe.gate, run.resolved
    passed = {task_id for task_id in baseline.passed if resolved.splits[task_id] in rules.protect}
    tasks = [task for task in resolved.tasks if task.id in passed]
    return tuple(
        run.bench(
            f"{DRAW} {number}",
            base.file,
            run.paths.repeat(DRAW, number),
            only=tasks,
            sampling=sampled(number, temperature=rules.draw_temperature),
        )
        for number in range(1, rules.draws + 1)
    )


def lucky_in(draws: tuple[Scoreboard, ...]) -> frozenset[str]:
    return lucky_of([sheet_of(board) for board in draws])
