"""Counts who answered what under a policy, and what it cost."""

from collections import Counter

from suture.core.frozen import Frozen
from suture.core.measure.grounds import Grounds
from suture.core.measure.scoreboard import Result, Scoreboard


class TierCount(Frozen):
    """Attributes:
    name, pack: the tier's.
    asked: answers that it gave, taken or not.
    answered: tasks whose answer is its own.
    passed: those of them that pass.
    tokens: that it generated, over all it was asked.
    prompt_tokens: that it read.
    seconds: wall time until an answer was complete, on average over what it was asked; a batch is asked at once.
    """

    name: str
    pack: str
    asked: int
    answered: int
    passed: int
    tokens: int
    prompt_tokens: int
    seconds: float


class ServedCounts(Frozen):
    """Attributes:
    tiers: in the policy's order.
    grounds: tasks by what their answer was held to.
    fallback_count: tasks whose answer is not that of the first tier that was asked.
    unaccepted: tasks whose answer was given although nothing was accepted.
    """

    tiers: tuple[TierCount, ...]
    grounds: dict[Grounds, int]
    fallback_count: int
    unaccepted: int

    @property
    def packs_used(self) -> tuple[str, ...]:
        """SHA-256 of every pack whose answer was given."""
        return tuple(dict.fromkeys(tier.pack for tier in self.tiers if tier.answered))


def count_served(board: Scoreboard) -> ServedCounts | None:
    """None where a pack alone was measured."""
    if board.policy is None:
        return None
    served = [(result, result.served) for result in board.results if result.served is not None]
    return ServedCounts(
        tiers=tuple(_tier(tier.name, tier.pack, board.results) for tier in board.policy.tiers),
        grounds=dict(Counter(one.grounds for _, one in served)),
        fallback_count=sum(one.tier != one.answers[0].tier for _, one in served),
        unaccepted=sum(not one.accepted for _, one in served),
    )


def hidden_from(board: Scoreboard, last: str) -> tuple[str, ...]:
    """Ids of failures whose answer an earlier tier than ``last`` gave: whatever ``last`` can do there stays hidden."""
    return tuple(
        result.task_id
        for result in board.results
        if result.served is not None
        and result.served.tier != last
        and result.served.accepted
        and not result.verdict.passed
    )


def _tier(name: str, pack: str, results: tuple[Result, ...]) -> TierCount:
    given = [answer for result in results if result.served for answer in result.served.answers if answer.tier == name]
    own = [result for result in results if result.served and result.served.tier == name]
    return TierCount(
        name=name,
        pack=pack,
        asked=len(given),
        answered=len(own),
        passed=sum(result.verdict.passed for result in own),
        tokens=sum(answer.tokens for answer in given),
        prompt_tokens=sum(answer.prompt_tokens for answer in given),
        seconds=sum(answer.seconds for answer in given) / len(given) if given else 0.0,
    )
