"""A policy as a person writes it: models by the names people give them."""

from pydantic import Field, field_validator, model_validator

from suture.core.frozen import Frozen
from suture.core.measure.policy import Silent, TierSettings, require_own_names


class WrittenTier(TierSettings):
    """One model, and how often it may answer."""

    model: str = Field(min_length=1)
    """A GGUF file, a Hugging Face directory or hub id, `package:NAME`, or a model of the registry."""
    adapter: str | None = None
    """A PEFT directory to load beside it (engine `llamacpp`)."""
    scale: float = Field(default=1.0, allow_inf_nan=False)
    """Factor on the adapter."""

    @model_validator(mode="after")
    def _a_scale_has_an_adapter(self) -> "WrittenTier":
        if self.scale != 1.0 and self.adapter is None:
            raise ValueError(f"tier {self.name!r}: `scale` is an adapter's, and it has none")
        return self


class WrittenPolicy(Frozen):
    """The first tier whose answer is accepted answers; the last greedy one answers anyway."""

    tiers: tuple[WrittenTier, ...] = Field(min_length=1)
    """In the order they are asked."""
    silent: Silent = Silent.NEXT
    """Who answers a prompt that shows nothing: `next`, `stand` or `form`."""

    @field_validator("tiers")
    @classmethod
    def _names_differ(cls, tiers: tuple[WrittenTier, ...]) -> tuple[WrittenTier, ...]:
        require_own_names(tiers)
        return tiers
