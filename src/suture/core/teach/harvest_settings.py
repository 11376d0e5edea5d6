"""What a recipe may ask of the harvest."""

from enum import StrEnum

from pydantic import Field

from suture.core.frozen import Frozen


class Otherwise(StrEnum):
    """What a failure is taught when the model has no passing answer of its own."""

    REFERENCE = "reference"
    NOTHING = "nothing"


class HarvestSettings(Frozen):
    """What is made of a scoreboard: which failures and anchors become rows, and what a failure is taught."""

    suites: tuple[str, ...] = Field(default=(), exclude_if=lambda value: not value)
    """Suites whose failures are taught; by default all. What passes is replayed and protected in every suite, so that
    one job can be repaired while others are kept."""
    share: float = Field(default=1.0, gt=0, le=1)
    """Share of the failures to use, chosen by a seeded hash; a larger share contains every smaller one."""
    seed: int = 0
    """Seed of that hash, of the choice of gate-only anchors, and of the samples."""
    normalise: bool = False
    """Rewrite references in one style, nearer to a small model's own: parsed and unparsed, without docstrings, with
    comprehensions in place of `map` and `filter` with a lambda."""
    gate_only: float = Field(default=0.0, ge=0, lt=1)
    """Share of the anchors of split `repair` that is never trained on; the report shows how many of them are kept."""
    samples: int = Field(default=0, ge=0, le=256)
    """Answers sampled from the model itself for each failure; one that passes becomes the training target (rejection
    sampling, Yuan et al., 2023, arXiv 2308.01825)."""
    temperature: float = Field(default=0.8, gt=0, le=2)
    """Temperature of those samples."""
    top_p: float = Field(default=1.0, gt=0, le=1)
    """Those samples are drawn from the likeliest tokens that hold this part of the probability."""
    rewrites: int = Field(default=0, ge=0, le=64)
    """For failures without a passing sample: how often the model is shown the reference and asked for its own version;
    the first time with greedy decoding (self-distillation, Yang et al., 2024, arXiv 2402.13669)."""
    otherwise: Otherwise = Otherwise.REFERENCE
    """Target of a failure that has no passing answer of the model's own: its reference (normalised if that is asked
    for) or nothing."""
    likeliest: float = Field(default=1.0, gt=0, le=1)
    """Share of the failures with a target that is trained on: those whose targets are the most likely under the base.
    They take the fewest steps to learn, and every step costs anchors that nobody replays."""
    variations: int = Field(default=0, ge=0, le=64, exclude_if=lambda value: value == 0)
    """How many variations of each failure are taught beside it: the question and its answer with other values in them,
    so that what is learned is to copy values; questions for one call are also asked for several, and some questions
    beside tools that do not fit (kind `tool-calls`; others have none)."""
    rehearse: int = Field(default=0, ge=0, le=100_000)
    """How many tasks the model is asked to write; those that resemble no measured task are trained on with its own
    answers, like anchors (all strategies but `naive`; self-synthesized rehearsal, Huang et al., 2024, arXiv
    2403.01244)."""
    rehearse_from: tuple[str, ...] = Field(default=(), exclude_if=lambda value: not value)
    """Real questions to rehearse: the base is asked each once, and its own whole answers are trained on like anchors. A
    file of prompts (`prompts.txt`, one a line; `prompts.jsonl`), a suite, `from-code:PACKAGE` (its functions with
    doctests), or `served`. Questions like a task of this recipe are left out."""
    rehearse_most: int | None = Field(default=None, gt=0, exclude_if=lambda value: value is None)
    """At most so many of those questions, chosen by a seeded hash; more contain fewer."""
    lessons: tuple[str, ...] = Field(default=(), exclude_if=lambda value: not value)
    """Suites whose references are taught beside the failures, and which are not measured: `grammar:0-499`,
    `lessons.jsonl`. Tasks like one of this recipe are left out."""

    @property
    def asks_the_model(self) -> bool:
        return self.samples > 0 or self.rewrites > 0
