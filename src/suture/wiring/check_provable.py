"""Says before a repair what so few or so many tasks can prove under its gate's rules, in sentences."""

from collections.abc import Iterator

from suture.core.gate.looks import price
from suture.core.gate.planning import losses_allowed, tasks_needed
from suture.core.gate.rules import GateRules
from suture.core.gate.statistics import gains_needed, net_loss_bound, trials_needed


def provable(rules: GateRules, tasks: int, held: int) -> Iterator[str]:
    """Say what the first candidate can show of ``tasks``, ``held`` of which are held out."""
    alpha = price(rules.alpha, 1)
    promise = trials_needed(rules.margin, rules.confidence)
    rejects = "one task lost of those the model passes rejects"
    if rules.loss_budget is not None:
        few = [f"{losses_allowed(n, rules.loss_budget, rules.confidence)} of {n}" for n in (100, 200, 400)]
        rejects = f"of the tasks that the model passes, {', '.join(few)} may be lost"
    yield (
        f"protected: {rejects}. {promise} such tasks, none lost, promise that at "
        f"most {rules.margin:.0%} are lost; there are {tasks} tasks in all, passed or not"
    )
    if not held:
        yield "held out: nothing, so nothing is shown about tasks that nobody has seen"
        return
    needed = tasks_needed(rules.holdout_margin, 0, 0, alpha)
    yield (
        f"held out: {held} tasks, none lost, show that the pass rate fell by at most "
        f"{net_loss_bound(0, 0, held, alpha):.1%}; {rules.holdout_margin:.0%} take {needed} tasks"
    )
    gains = gains_needed(0, alpha)
    yield f"a gain is shown by {gains} held-out tasks gained and none lost" + (
        f", which {held} tasks cannot give" if held < gains else ""
    )
