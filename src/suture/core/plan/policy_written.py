"""A policy as a person writes it: models by the names people give them."""

from pydantic import Field

from suture.core.frozen import Frozen
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.policy import Silent


class WrittenTier(Frozen):
    """One model, and how often it may answer."""

    name: str
    """For people: `base`, `repaired`."""
    model: str = Field(min_length=1)
    """A GGUF file, a Hugging Face directory or hub id, `package:NAME`, or a model of the registry."""
    adapter: str | None = None
    """A PEFT directory to load beside it (engine `llamacpp`)."""
    scale: float = Field(default=1.0, allow_inf_nan=False)
    """Factor on the adapter."""
    engine: EngineChoice | None = None
    """The engine that answers; by default the one that measures the policy."""
    answers: int = Field(default=1, gt=0, le=64)
    """How many answers at most."""
    temperature: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    """Of the answers; 0 is greedy."""
    top_p: float = Field(default=1.0, gt=0, le=1)
    """Of sampled answers."""
    seed: int = 0
    """Names the series of samples."""
    suites: tuple[str, ...] = ()
    """The tier answers tasks of these suites alone; by default of all."""


class WrittenPolicy(Frozen):
    """The first tier whose answer is accepted answers; the last greedy one answers anyway."""

    tiers: tuple[WrittenTier, ...] = Field(min_length=1)
    """In the order they are asked."""
    silent: Silent = Silent.NEXT
    """Who answers a prompt that shows nothing: `next`, `stand` or `form`."""
