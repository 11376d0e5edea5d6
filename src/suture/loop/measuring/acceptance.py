"""What a task's prompt shows, and who may answer it under a policy. Nothing here sees the task's own check."""

from dataclasses import dataclass

from suture.core.measure.asked import Asked
from suture.core.measure.policy import Grounds, Policy, Tier, tiers_asked
from suture.core.measure.task import Task
from suture.suites.kinds import KINDS


@dataclass(frozen=True)
class Acceptance:
    """Attributes:
    tiers: that may answer, in order.
    grounds: what an answer is held to; ``nothing`` where a single tier answers unconditionally.
    test: the question, decided by what its prompt shows; None where it is held to nothing.
    """

    tiers: tuple[Tier, ...]
    grounds: Grounds
    test: Task | None


def acceptance_of(policy: Policy, asked: Asked, suite: str) -> Acceptance:
    """Raises UsageError: no tier of the policy is for this suite."""
    shown = KINDS[asked.kind].shown(asked)
    tiers = tiers_asked(policy, suite, shown.grounds if shown else Grounds.NOTHING)
    if shown is None or len(tiers) == 1:
        return Acceptance(tiers, Grounds.NOTHING, None)
    return Acceptance(tiers, shown.grounds, asked.checked_by(shown.check))
