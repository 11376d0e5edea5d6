"""What a recipe may ask of the gate."""

from typing import Annotated

from pydantic import Field, model_validator

from suture.core.frozen import Frozen
from suture.core.measure.splits import Split

Share = Annotated[float, Field(gt=0, lt=1)]


class GateRules(Frozen):
    """Attributes:
    min_repaired: a candidate that repairs fewer tasks is held. Held-out tasks do not count: nothing is chosen on them.
    protect: splits whose anchors are protected, each of which a candidate must keep. A task without a split is
        protected unless this is empty.
    margin: the anchor loss rate that is promised.
    confidence: with which it is promised.
    holdout_margin: how much of the held-out pass rate a candidate may cost.
    alpha: chance of a wrong statement about one held-out set, over all candidates ever shown to it; and of noise
        changing a verdict, within one run.
    looks: candidates that one held-out set may be shown; later ones are held.
    certify: hold a candidate where there are too few anchors or held-out tasks to show the margins.
    require_gain: hold a candidate without a significant held-out gain.
    baseline_runs: runs of the baseline that a task must pass, all of them, to be protected; and runs of the candidate
        that show it kept, where the baseline disagrees with itself.
    draws: answers drawn from the baseline to each task it passes, all of which must pass for the task to be protected;
        0 protects whatever it passes greedily.
    draw_temperature: of those answers.
    repeats: measurements of each side of a task on which the two disagree; most of them decide. Odd.
    max_repeats: how far ``repeats`` may be raised where the baseline disagrees with itself. Odd.
    fresh_holdout: the model's held-out tasks are meant to be others than before.
    """

    min_repaired: int = Field(default=1, ge=0)
    protect: tuple[Split, ...] = tuple(Split)
    margin: Share = 0.05
    confidence: Share = 0.95
    holdout_margin: Share = 0.05
    alpha: Share = 0.05
    looks: int = Field(default=20, ge=1)
    certify: bool = False
    require_gain: bool = False
    baseline_runs: int = Field(default=2, ge=1)
    draws: int = Field(default=0, ge=0, le=64)
    draw_temperature: float = Field(default=0.2, gt=0, le=2)
    repeats: int = Field(default=3, ge=1)
    max_repeats: int = Field(default=9, ge=1)
    fresh_holdout: bool = False

    @model_validator(mode="after")
    def _repeats_have_a_majority(self) -> "GateRules":
        for name, value in (("repeats", self.repeats), ("max_repeats", self.max_repeats)):
            if value % 2 == 0:
                raise ValueError(f"{name}: {value} measurements may be split evenly; take an odd number")
        if self.repeats > self.max_repeats:
            raise ValueError(f"repeats is {self.repeats}, more than max_repeats ({self.max_repeats})")
        return self
