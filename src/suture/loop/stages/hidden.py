"""Stage ``hidden``: what the repaired model can do, and a policy does not show, because an earlier answer is accepted.

It decides nothing. A report that told only what *keep* saves would tell half.
"""

from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.policy import Policy, speaks_anyway
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.served_counts import hidden_from
from suture.core.plan.stages import HIDDEN
from suture.loop.measuring.policy_files import Measured, PolicyFiles
from suture.loop.run import Run
from suture.loop.stages.bench import bench


def hidden(run: Run, served: Measured, board: Scoreboard, engine: EngineChoice) -> Scoreboard | None:
    """The last greedy tier alone, on the failures that it was not asked; None where there are none.

    Args:
        board: the policy's.
    """
    if not isinstance(served, PolicyFiles):
        return None
    last = speaks_anyway(served.policy.tiers)
    failures = set(hidden_from(board, last.name))
    tasks = [task for task in run.tasks if task.id in failures and last.serves(task.suite)]
    if not tasks:
        return None
    alone = PolicyFiles(Policy(tiers=(last,)), {last.pack: served.pack_of(last)}, served.beside(last))
    return bench(run, HIDDEN, alone, engine, run.paths.hidden, only=tasks)
