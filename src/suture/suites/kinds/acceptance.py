"""What an answer of a policy must do before it is given, made from the prompt alone. Whoever measures a policy and
whoever serves it ask here, so that both give the same answers."""

from dataclasses import dataclass
from typing import NamedTuple

from suture.core.measure.asked import Asked
from suture.core.measure.attempt import Completion
from suture.core.measure.findings import Finding, Trigger, finding_of, plain_finding, refuses
from suture.core.measure.grounds import Grounds
from suture.core.measure.policy import Policy, Silent, Tier, tiers_asked
from suture.core.measure.task import Task
from suture.core.measure.verdict import Reason, Verdict
from suture.suites.kinds import KINDS


class Counted(NamedTuple):
    """What an answer that is given whatever it says is held to afterwards, so that its policy can be counted."""

    grounds: Grounds
    test: Task


@dataclass(frozen=True)
class Acceptance:
    """Attributes:
    tiers: that may answer, in order.
    grounds: what an answer is held to; ``nothing`` where a single tier answers unconditionally.
    test: the question, decided by what its prompt shows; None where nothing is to be judged.
    triggers: what sends the prompt on to the next tier.
    counted: where a single tier answers unconditionally, and its answers are counted.
    """

    tiers: tuple[Tier, ...]
    grounds: Grounds
    test: Task | None
    triggers: tuple[Trigger, ...]
    counted: Counted | None = None

    @property
    def unconditional(self) -> bool:
        """Whether whoever is asked first answers, whatever it says."""
        return self.grounds is Grounds.NOTHING

    def finding(self, completion: Completion, verdict: Verdict | None, *, limited: bool = False) -> Finding | None:
        """Why an answer is not taken; None where it is.

        Args:
            verdict: of ``test``; None where there is none.
            limited: whoever asks has limited the answer's length, so that to be cut off there is no failure.
        """
        if self.unconditional:
            return None
        if verdict is not None and verdict.reason is Reason.BROKEN_TASK:
            verdict = None  # what the prompt shows cannot be run here: so it shows nothing
        found = plain_finding(completion) if verdict is None else finding_of(self.grounds, completion, verdict)
        if found is None and refuses(completion.text):
            found = Finding(Trigger.REFUSED)
        if found is None or (limited and verdict is None and found.why == Trigger.CUT_OFF):
            return None
        return found if found.why in self.triggers or not isinstance(found.why, Trigger) else None


def counted_by(asked: Asked) -> Counted | None:
    """What the prompt shows that an answer can be held to after it was given; None where it shows nothing."""
    shown = KINDS[asked.kind].shown(asked) if asked.kind else None
    return None if shown is None else Counted(shown.grounds, asked.checked_by(shown.check))


def acceptance_of(policy: Policy, asked: Asked, suite: str) -> Acceptance:
    """Raises UsageError: no tier of the policy is for this suite."""
    shown = KINDS[asked.kind].shown(asked) if asked.kind and policy.may_choose else None
    tiers = tiers_asked(policy, suite, shown.grounds if shown else Grounds.NOTHING)
    if sum(tier.answers for tier in tiers) == 1 or (shown is None and policy.silent is not Silent.SAID):
        return Acceptance(tiers, Grounds.NOTHING, None, policy.triggers)
    if shown is None:
        return Acceptance(tiers, Grounds.FORM, None, policy.triggers)
    return Acceptance(tiers, shown.grounds, asked.checked_by(shown.check), policy.triggers)
