"""Which tier of a policy answered a task, why its answer was taken, and what each answer cost."""

from suture.core.frozen import Frozen
from suture.core.measure.grounds import Grounds


class TierAnswer(Frozen):
    """One answer that a tier gave.

    Attributes:
        tier: its name.
        accepted: by what the prompt shows.
        seconds: wall time until it was complete.
    """

    tier: str
    accepted: bool
    prompt_tokens: int
    tokens: int
    seconds: float


class Served(Frozen):
    """Attributes:
    tier: whose answer was given.
    grounds: what the answer was held to; ``nothing`` where a tier answered unconditionally.
    accepted: False where no answer was accepted, and the last greedy tier spoke anyway.
    answers: all that were asked for, in order.
    """

    tier: str
    grounds: Grounds
    accepted: bool
    answers: tuple[TierAnswer, ...]
