"""The rows of a step spread over several processes, one for each GPU.

One process holds the optimiser, the schedule, the order of rows and the checkpoints; the others compute gradients and
know nothing of training. At each step they are given the adapter's weights and their rows, and give gradients back:
a few megabytes each way, in memory that both see. So processes cannot drift apart, a step is divided by what the whole
step teaches whatever each process was given, and a step with fewer rows than processes is no special case.

Where the base is shared (``sharding``) each makes as many passes in a step as the one with the most.
"""

from collections.abc import Sequence
from typing import Any

from suture.training.examples import Example
from suture.training.gradient_messages import Step
from suture.training.other_processes import OtherProcesses
from suture.training.pack_losses import PackLosses
from suture.training.packing import share_evenly, taught_tokens
from suture.training.step_gradients import NO_PASSES, Passes, StepGradients
from suture.training.trained_weights import add_gradients, in_one_row, trained_weights


class SpreadGradients:
    """As ``StepGradients``, with ``others`` beside it. Gradients are added in the order of the processes."""

    def __init__(self, model: Any, here: StepGradients, others: OtherProcesses) -> None:
        self._here, self._others = here, others
        self._weights = trained_weights(model)
        for process in others.processes:
            process.make_room(self._weights)

    def add(self, examples: Sequence[Example]) -> list[PackLosses]:
        """Raises Fault: one of the processes is gone."""
        taught, together = max(1, taught_tokens(examples)), self._others.share_base
        shares = share_evenly([len(example.ids) for example in examples], 1 + len(self._others.processes))
        mine, *theirs = ([examples[row] for row in share] for share in shares)
        at_least = self._most_passes([mine, *theirs]) if together else NO_PASSES
        paired = zip(self._others.processes, theirs, strict=True)
        busy = [(process, share) for process, share in paired if share or together]
        weights = in_one_row(self._weights).cpu()
        for process, share in busy:
            process.begin(weights, Step(share, taught, at_least))
        with self._others.on_their_own():
            found = self._here.add(mine, of=taught, at_least=at_least)
        for process, _ in busy:
            losses, gradients = process.result(self._weights)
            found += losses
            add_gradients(self._weights, gradients)
        return found

    def _most_passes(self, shares: Sequence[Sequence[Example]]) -> Passes:
        each = [self._here.passes(share) for share in shares]
        return Passes(max(one.base for one in each), max(one.adapted for one in each))
