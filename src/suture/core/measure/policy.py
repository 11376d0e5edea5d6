"""A policy: what is served, gated and promoted. An ordered list of tiers, of which the first accepted answer counts."""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Self

from pydantic import Field, field_validator, model_validator

from suture.core.digest import canonical_json, digest_of_text
from suture.core.errors import UsageError
from suture.core.frozen import Frozen
from suture.core.measure.attempt import AdapterUse, Sampling
from suture.core.measure.checks.true_is_no_number import true_is_no_number
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.findings import USUAL_TRIGGERS, Trigger
from suture.core.measure.grounds import Grounds
from suture.core.measure.sampled import sampled


class Silent(StrEnum):
    """Who answers a prompt that shows nothing an answer can be held to."""

    NEXT = "next"
    """The last greedy tier, at once."""
    STAND = "stand"
    """The first tier."""
    FORM = "form"
    """The first tier whose answer parses and is not cut off; the last greedy tier where the kind has no such form."""
    SAID = "said"
    """As `form`; where the kind has no such form, the first tier whose answer is not empty, and not cut off."""


class TierSettings(Frozen):
    """How often one model of a policy may answer, and how."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._ -]*$")
    """For people: `base`, `repaired`."""
    engine: EngineChoice | None = Field(default=None, exclude_if=lambda value: value is None)
    """The engine that answers; by default the one that measures or serves the policy."""
    answers: int = Field(default=1, gt=0, le=64, exclude_if=lambda value: value == 1)
    """How many answers at most; each further one is asked only when none before was accepted."""
    temperature: float = Field(default=0.0, ge=0, allow_inf_nan=False, exclude_if=lambda value: value == 0)
    """Of the answers; 0 is greedy."""
    top_p: float = Field(default=1.0, gt=0, le=1, exclude_if=lambda value: value == 1)
    """Of the answers, where they are sampled."""
    seed: int = Field(default=0, ge=-(1 << 63), lt=1 << 63, exclude_if=lambda value: value == 0)
    """Names the series of samples."""
    suites: tuple[str, ...] = Field(default=(), exclude_if=lambda value: not value)
    """The tier answers tasks of these suites alone; by default of all."""

    _numbers = field_validator("answers", "temperature", "top_p", "seed", mode="before")(true_is_no_number)

    @model_validator(mode="after")
    def _several_answers_differ(self) -> Self:
        if self.answers > 1 and self.temperature == 0:
            raise ValueError(f"tier {self.name!r}: {self.answers} greedy answers would all be equal; set a temperature")
        return self


def require_own_names(tiers: Sequence[TierSettings]) -> None:
    """Raises ValueError: two tiers have one name."""
    names = [tier.name for tier in tiers]
    if len(set(names)) != len(names):
        raise ValueError(f"two tiers have one name: {', '.join(names)}")


class Tier(TierSettings):
    """One model of a policy.

    Attributes:
        pack: SHA-256 of the GGUF file.
        adapter: what is loaded beside it.
        fallback: it answers in a specialist's place.
    """

    pack: str = Field(pattern=r"^[0-9a-f]{64}$")
    adapter: AdapterUse | None = Field(default=None, exclude_if=lambda value: value is None)
    fallback: bool = Field(default=False, exclude_if=lambda value: not value)

    @property
    def greedy(self) -> bool:
        return self.temperature == 0

    def sampling(self, number: int) -> Sampling | None:
        """Of its answer ``number``, from 0; None where it is greedy."""
        if self.greedy:
            return None
        return sampled(number, temperature=self.temperature, top_p=self.top_p, seed=self.seed)

    def serves(self, suite: str) -> bool:
        return not self.suites or suite in self.suites


class Policy(Frozen):
    """Attributes:
    tiers: in the order they are asked.
    silent: who answers where the prompt shows nothing.
    triggers: what sends a prompt on to the next tier.
    """

    schema_version: int = Field(default=1, ge=1, le=1)
    tiers: tuple[Tier, ...] = Field(min_length=1)
    silent: Silent = Silent.NEXT
    triggers: tuple[Trigger, ...] = Field(
        default=USUAL_TRIGGERS, exclude_if=lambda value: set(value) == set(USUAL_TRIGGERS)
    )

    @model_validator(mode="after")
    def _names_differ(self) -> "Policy":
        require_own_names(self.tiers)
        return self

    @model_validator(mode="after")
    def _adapters_differ_in_weights(self) -> "Policy":
        """An engine knows an adapter that it has loaded by its weights."""
        uses = {(tier.adapter.sha256, tier.adapter.config) for tier in self.tiers if tier.adapter is not None}
        if len({sha256 for sha256, _ in uses}) != len(uses):
            raise ValueError("two tiers have adapters of equal weights with other configurations")
        return self

    @property
    def may_choose(self) -> bool:
        """Whether there is more than one answer that may be given, so that one may have to be accepted."""
        return sum(tier.answers for tier in self.tiers) > 1

    @property
    def text(self) -> str:
        """The policy's file. Its SHA-256 is the policy's name, as a pack's is."""
        return canonical_json(self.model_dump(mode="json"))

    @property
    def sha256(self) -> str:
        return digest_of_text(self.text)

    @property
    def packs(self) -> tuple[str, ...]:
        """SHA-256 of every pack it uses, once."""
        return tuple(dict.fromkeys(tier.pack for tier in self.tiers))

    def computed_by(self, engine: EngineChoice) -> "Policy":
        """The same tiers, all of them answered by one engine."""
        return self.model_copy(update={"tiers": tuple(t.model_copy(update={"engine": engine}) for t in self.tiers)})

    @property
    def adapters(self) -> tuple[str, ...]:
        """SHA-256 of the weights of every adapter it uses, once."""
        return tuple(dict.fromkeys(tier.adapter.sha256 for tier in self.tiers if tier.adapter is not None))


def tiers_asked(policy: Policy, suite: str, grounds: Grounds) -> tuple[Tier, ...]:
    """The tiers that may answer a prompt, in order; a single one answers unconditionally.

    Raises:
        UsageError: no tier is for this suite.
    """
    tiers = tuple(tier for tier in policy.tiers if tier.serves(suite))
    if not tiers:
        raise UsageError(
            f"no tier of the policy is for suite {suite!r}", mend="add one without `suites`, or leave it out"
        )
    if grounds is Grounds.FORM and policy.silent not in (Silent.FORM, Silent.SAID):
        grounds = Grounds.NOTHING
    if grounds is not Grounds.NOTHING or policy.silent is Silent.SAID:
        return tiers
    return tiers[:1] if policy.silent is Silent.STAND else (speaks_anyway(tiers),)


def speaks_anyway(tiers: Sequence[Tier], blank: Collection[str] = ()) -> Tier:
    """The tier whose first answer is given when none was accepted: the last greedy one, else the last.

    A sample that failed is no better a guess than the most likely answer; but any answer is better than none.

    Args:
        blank: names of the tiers that said nothing, or failed.
    """
    said = [tier for tier in tiers if tier.name not in blank] or tiers
    greedy = [tier for tier in said if tier.greedy]
    return greedy[-1] if greedy else said[-1]
