"""How a route steers: how fast it forgets, when a circuit opens, and how little unchecked claims count."""

from enum import StrEnum

from pydantic import Field, model_validator

from suture.core.frozen import Frozen

USUAL_FLOOR = 0.1
"""Of a route with several policies."""


class By(StrEnum):
    """What chances are computed from."""

    THOMPSON = "thompson"
    """Counts of right and wrong answers: each policy is asked as often as it is the best under them."""
    CONDUCTANCE = "conductance"
    """Conductance to the power of 32: it changes its mind sooner, and tries nothing again that fell behind."""


class SteeringSettings(Frozen):
    """How the policies of a route are chosen; see `docs/steering.md`."""

    by: By = By.THOMPSON
    """`thompson`, or `conductance`."""
    discount: float = Field(default=0.9995, gt=0, le=1)
    """What earlier answers still weigh after each checked answer of the route: what is not asked is tried again."""
    own: float = Field(default=0.985, gt=0, le=1)
    """What a policy's earlier answers still weigh after each of its own, besides: a change is noticed soon."""
    sure: float = Field(default=5.0, gt=0, le=20)
    """Counts are taken for so many times what they are, since so few are left of them."""
    mu: float = Field(default=0.05, gt=0, lt=1)
    """Part of a policy's conductance that is lost at each of its checked answers."""
    eta: float = Field(default=0.05, ge=0, lt=1)
    """What a right answer adds to it; at most `mu`, so that it never exceeds 1."""
    floor: float | None = Field(default=None, ge=0, lt=1)
    """Below this conductance a policy's circuit is open: the fallback answers. 0 for never; by default 0.1 where a
    route has several policies, and 0 where it has one."""
    retry: float = Field(default=0.02, gt=0, le=0.1)
    """Share of prompts that a policy with an open circuit is asked all the same."""
    least: float = Field(default=0.01, ge=0, le=0.1)
    """Smallest share of prompts of every other policy."""
    gate: float = Field(default=20.0, ge=0)
    """A gate's evidence counts as at most so many answers."""
    claims: float = Field(default=0.25, ge=0, le=1)
    """What people say counts at most so much of what was checked, however much they say."""
    trust: tuple[str, ...] = ()
    """Names of keys whose word counts as a check."""

    @model_validator(mode="after")
    def _at_most_one(self) -> "SteeringSettings":
        if self.eta > self.mu:
            raise ValueError(f"eta {self.eta:g} is more than mu {self.mu:g}: conductance would exceed 1")
        return self

    def floor_of(self, policies: int) -> float:
        """Below which a circuit opens, on a route of so many policies."""
        return self.floor if self.floor is not None else USUAL_FLOOR if policies > 1 else 0.0
