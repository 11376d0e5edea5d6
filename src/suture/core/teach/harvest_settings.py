"""What a recipe may ask of the harvest."""

from enum import StrEnum

from pydantic import Field

from suture.core.frozen import Frozen


class Otherwise(StrEnum):
    """What a failure is taught when the model has no passing answer of its own."""

    REFERENCE = "reference"
    NOTHING = "nothing"


class HarvestSettings(Frozen):
    """Attributes:
    share: part of the failures that is trained on, drawn by a seeded hash (nested in larger shares).
    seed: of that hash, of which anchors are gate-only, and of the samples.
    normalise: references are parsed and unparsed and lose their docstrings, which brings them
        nearer to a small model's own style.
    gate_only: part of the anchors of split repair that is never trained on, by a seeded hash.
    samples: answers drawn from the model itself per failure; those that pass are better targets than any reference
        (rejection sampling, Yuan et al., 2023, arXiv 2308.01825).
    temperature, top_p: of those samples.
    rewrites: for failures without a passing sample, how often the model is shown the reference and asked for its own
        version (self-distillation, Yang et al., 2024, arXiv 2402.13669): the first greedily, the others as samples.
    otherwise: what a failure is taught when neither passes.
    likeliest: part of the failures with a target that is trained on: those whose targets the base finds likeliest. They
        take the fewest steps to learn, and every step costs anchors that nobody replays.
    rehearse: how many tasks the model is asked to write, to be trained on with its own answers beside the anchors
        (self-synthesized rehearsal, Huang et al., 2024, arXiv 2403.01244).
    """

    share: float = Field(default=1.0, gt=0, le=1)
    seed: int = 0
    normalise: bool = False
    gate_only: float = Field(default=0.0, ge=0, lt=1)
    samples: int = Field(default=0, ge=0, le=256)
    temperature: float = Field(default=0.8, gt=0, le=2)
    top_p: float = Field(default=1.0, gt=0, le=1)
    rewrites: int = Field(default=0, ge=0, le=64)
    otherwise: Otherwise = Otherwise.REFERENCE
    likeliest: float = Field(default=1.0, gt=0, le=1)
    rehearse: int = Field(default=0, ge=0, le=100_000)

    @property
    def asks_the_model(self) -> bool:
        return self.samples > 0 or self.rewrites > 0
