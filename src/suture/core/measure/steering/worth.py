"""What an answer was worth, as evidence for or against the policy that gave it. Pure."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from suture.core.measure.findings import FAILED
from suture.core.measure.grounds import Grounds
from suture.core.measure.modes import is_fallback
from suture.core.measure.served_answer import TierTried
from suture.core.measure.served_record import AnswerOutcome, RecordedAnswer

FORM_WEIGHT = 0.25
"""Of a check that sees the form alone: a well-formed answer may be wrong."""
_WEIGHTS = {Grounds.EXAMPLES: 1.0, Grounds.SCHEMA: 1.0, Grounds.TOOLS: 1.0, Grounds.FORM: FORM_WEIGHT}


class Worth(NamedTuple):
    """``weight``: how much it counts beside other answers, at most 1."""

    right: bool
    weight: float


def worth_of(answer: RecordedAnswer) -> Worth | None:
    """What its check found; None where nothing was: held to nothing, cut off from outside, or the check itself failed.

    An answer that a fallback had to give counts against the policy, whatever the fallback said.
    """
    how = answer.how
    if how is None or answer.outcome in (AnswerOutcome.LEFT, AnswerOutcome.CUT):
        return None
    own = [tier for tier in how.tiers if not is_fallback(tier.tier)]
    if not own or _says_nothing(own[-1]):
        return None
    given = how.given
    right = answer.outcome is AnswerOutcome.COMPLETE and given is not None and given in own and given.accepted
    if how.grounds is Grounds.NOTHING:
        return None if right else Worth(right=False, weight=1.0)
    return Worth(right, _WEIGHTS[how.grounds])


def _says_nothing(tried: TierTried) -> bool:
    """Of an answer that was not accepted: its check failed and not the model, or the client's own limit cut it off."""
    checkless = tried.finding.startswith(FAILED) and tried.tokens > 0
    limited = tried.max_tokens is not None and tried.tokens >= tried.max_tokens
    return not tried.accepted and (checkless or limited)


class Settled(NamedTuple):
    """What is counted of one answer.

    Attributes:
        checked: what was found, or what a trusted key says.
        claimed: what others say, by key; True for praise.
    """

    checked: Worth | None
    claimed: Mapping[str, bool]


def settled(check: Worth | None, claims: Mapping[str, bool], reward: int, trust: Collection[str]) -> Settled:
    """Weigh all that is known of one answer, by the rules that claims are harvested by.

    What was verified stands for everything else; a trusted key's word goes before the check of the prompt; people who
    contradict each other settle nothing.

    Args:
        claims: the last word of everybody, by key.
        reward: 1 or -1 where a claim was verified, else 0.
    """
    if reward:
        return Settled(Worth(reward > 0, 1.0), {})
    trusted = {good for key, good in claims.items() if key in trust}
    if len(trusted) == 1:
        return Settled(Worth(trusted.pop(), 1.0), {})
    said = {key: good for key, good in claims.items() if key not in trust}
    return Settled(check, said if not trusted and len(set(said.values())) == 1 else {})
