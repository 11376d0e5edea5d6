"""How a policy was chosen among those of its route: what was known of each, each one's share, and what was drawn."""

from pydantic import Field

from suture.core.frozen import Frozen


class SteeredPolicy(Frozen):
    """One policy of a route at the moment of a choice.

    Attributes:
        name: that the routes file gives it.
        policy: SHA-256 of the policy, or of the pack that is one.
        good, bad: checked answers that count for and against it, discounted.
        conductance: how much the route trusts it.
        share: the chance with which it was to be asked.
    """

    name: str
    policy: str
    good: float = Field(ge=0)
    bad: float = Field(ge=0)
    conductance: float
    share: float


class Steered(Frozen):
    """One choice. Who knows the shares and the number that was drawn can make it again.

    Attributes:
        route: whose policies they are.
        policies: in the order of the routes file.
        fallback: the chance with which none of them was to be asked, since its circuit is open.
        drawn: from 0 to 1; it lies in the share of what was chosen.
        chosen: place among ``policies``; None for the fallback.
        upto: the last place in the chain of records that was known of.
    """

    route: str
    policies: tuple[SteeredPolicy, ...] = Field(min_length=1)
    fallback: float = 0.0
    drawn: float
    chosen: int | None
    upto: int = 0

    @property
    def of(self) -> SteeredPolicy | None:
        """The policy that was chosen."""
        return None if self.chosen is None else self.policies[self.chosen]

    @property
    def propensity(self) -> float:
        """The chance of what was chosen."""
        return self.fallback if self.of is None else self.of.share
