"""What a recipe may ask of the gate."""

from typing import Annotated

from pydantic import Field, field_validator, model_validator

from suture.core.frozen import Frozen
from suture.core.measure.splits import Split

Share = Annotated[float, Field(gt=0, lt=1)]


class GateRules(Frozen):
    """When the gate promotes a candidate, rejects it, or holds it."""

    min_repaired: int = Field(default=1, ge=0)
    """Hold a candidate that repairs fewer tasks outside `holdout`: nothing is chosen on held-out tasks."""
    protect: tuple[Split, ...] = tuple(Split)
    """Splits whose anchors are protected: one lost anchor rejects the candidate, unless there is a `loss_budget`. `all`
    and `none` also cover files without splits; with `none` only the pass rate counts."""
    margin: Share = 0.05
    """The anchor loss rate to certify."""
    loss_budget: Share | None = Field(default=None, exclude_if=lambda value: value is None)
    """Promote although protected anchors are lost, as long as their loss rate is certified (`confidence`) to be at most
    this: 0.05 allows 4 lost of 190, 7 of 265. Without it one lost rejects."""
    confidence: Share = 0.95
    """The confidence of that certificate."""
    holdout_margin: Share = 0.05
    """By how much the held-out pass rate may fall."""
    alpha: Share = 0.05
    """Largest chance of a wrong statement about one held-out set, over all candidates ever shown to it; and of noise
    changing a verdict, within one run."""
    looks: int = Field(default=20, ge=1)
    """How many candidates may be shown to one held-out set; later ones are held."""
    certify: bool = False
    """Hold a candidate when there are too few anchors or held-out tasks to certify the margins."""
    require_gain: bool = False
    """Hold a candidate without a significant held-out gain (exact McNemar)."""
    baseline_runs: int = Field(default=2, ge=1)
    """How many runs of the baseline a task must pass to be protected; and, where the baseline disagrees with itself,
    how many runs of the candidate show that it is kept."""
    draws: int = Field(default=0, ge=0, le=64)
    """Answers sampled from the baseline for each task it passes; the task is protected only if all of them pass. A
    greedy run repeats itself, so it cannot tell skill from luck. 0 protects whatever it passes greedily."""
    draw_temperature: float = Field(default=0.2, gt=0, le=2)
    """Temperature of those answers."""
    repeats: int = Field(default=3, ge=1)
    """How often each side is measured on a task where the two disagree; the majority decides. Odd."""
    max_repeats: int = Field(default=9, ge=1)
    """How far that number may rise where the baseline disagrees with itself. Odd."""
    fresh_holdout: bool = False
    """The held-out tasks are different from those of the model's earlier candidates on purpose; without it, different
    held-out tasks are refused."""

    @field_validator("protect", mode="before")
    @classmethod
    def _a_word_for_all_or_none(cls, value: object) -> object:
        """`all` or `none`, as a word or as the only one of a list."""
        words = [value] if isinstance(value, str) else value
        return tuple(Split) if words == ["all"] else () if words == ["none"] else value

    @field_validator("repeats", "max_repeats")
    @classmethod
    def _repeats_have_a_majority(cls, value: int) -> int:
        if value % 2 == 0:
            raise ValueError(f"{value} measurements may be split evenly; take an odd number")
        return value

    @model_validator(mode="after")
    def _a_budget_has_something_to_spend(self) -> "GateRules":
        if self.loss_budget is not None and not self.protect:
            raise ValueError("`loss_budget` is of protected anchors, and `protect: none` protects none")
        return self

    @model_validator(mode="after")
    def _repeats_are_within_bounds(self) -> "GateRules":
        if self.repeats > self.max_repeats:
            raise ValueError(f"repeats is {self.repeats}, more than max_repeats ({self.max_repeats})")
        return self
