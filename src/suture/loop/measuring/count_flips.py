"""Measures the engine as an instrument: asks one pack the same tasks in different batches and order."""

from collections.abc import Sequence
from math import ceil

from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.flips import PINNED, Flips, count_flips
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.task import Task
from suture.loop.measuring.measure import measure
from suture.loop.measuring.pack_file import PackFile
from suture.loop.measuring.questions import batches_of
from suture.loop.workshop import Workshop


def measure_flips(
    workshop: Workshop,
    pack: PackFile,
    tasks: Sequence[Task],
    board: Scoreboard,
    *,
    engine: EngineChoice,
    about: int,
) -> tuple[Flips, ...]:
    """Count what changes against ``board``, which is of ``tasks`` and ``engine``.

    Args:
        about: how many tasks to ask: whole batches of the board, evenly spaced.

    Raises:
        Fault: the engine failed. Finished batches stay recorded.
    """
    size = engine.batch
    batches = list(batches_of(tasks, size))
    wanted = ceil(about / size)
    chosen = [task for batch in batches[:: max(1, len(batches) // wanted)][:wanted] for task in batch]
    conditions = [(PINNED, chosen, size, frozenset(task.id for task in chosen))]
    conditions += [(f"batches of {half}", chosen, half, None) for half in [size // 2] if half > 1]
    conditions += [("one at a time", chosen, 1, None)] if size > 1 else []
    conditions += [("reversed order", chosen[::-1], size, None)]
    found: list[Flips] = []
    for name, asked, batch, afresh in conditions:
        other = measure(
            workshop,
            pack,
            asked,
            engine=engine.model_copy(update={"batch": batch}),
            selectors=board.selectors,
            title=name,
            afresh=afresh,
        )
        found.append(count_flips(name, board.by_task, other.by_task))
    return tuple(found)
