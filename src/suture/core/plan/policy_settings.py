"""What a repair ends in: one pack, or a policy in which the base and the repaired model share the answers."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import Field, model_validator

from suture.core.frozen import Frozen
from suture.core.measure.attempt import AdapterUse
from suture.core.measure.policy import Policy, Silent, Tier

BASE, REPAIRED, TRIES = "base", "repaired", "tries"
PACK = "pack"
"""The one tier of a pack that is served, or measured in a mode, by its name."""


class PolicyForm(StrEnum):
    SINGLE = "single"
    """The repaired pack alone."""
    KEEP = "keep"
    """The base speaks first; what its prompt shows to be wrong goes to the repaired model."""
    ROUTE = "route"
    """The repaired model answers the suites named here, and the base all others."""


class RepairedAs(StrEnum):
    PACK = "pack"
    """Merged into a file of its own."""
    ADAPTER = "adapter"
    """An adapter beside the base's pack: one file less in memory, and an engine that loads adapters."""


class PolicySettings(Frozen):
    """How the repaired model is served; a bare word is the form: `policy: keep`."""

    form: PolicyForm = PolicyForm.SINGLE
    """`single`, `keep` or `route`; see `docs/policies.md`."""
    repaired: RepairedAs = RepairedAs.PACK
    """`pack`, or `adapter` beside the base's pack (engine `llamacpp`)."""
    suites: tuple[str, ...] = ()
    """For `route`: the suites that the repaired model answers."""
    tries: int = Field(default=0, ge=0, le=64)
    """How many more answers of the repaired model are tried, sampled, where its first does not fit its prompt."""
    temperature: float = Field(default=0.8, gt=0, allow_inf_nan=False)
    """Of those answers."""
    silent: Silent = Silent.NEXT
    """Who answers a prompt that shows nothing an answer can be held to: `next` (the repaired model), `stand` (the
    base), or `form` (the first whose answer parses and is not cut off)."""

    @model_validator(mode="before")
    @classmethod
    def _a_word_is_the_form(cls, value: Any) -> Any:
        return {"form": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _keys_fit_the_form(self) -> "PolicySettings":
        if (self.form is PolicyForm.ROUTE) != bool(self.suites):
            raise ValueError("suites: name them for form `route`, and only there")
        if self.tries and self.is_single:
            raise ValueError("tries: only forms `keep` and `route` hold answers to their prompts")
        if self.form is PolicyForm.SINGLE and self.repaired is not RepairedAs.PACK:
            raise ValueError("repaired: form `single` serves a pack")
        return self

    @property
    def is_single(self) -> bool:
        return self.form is PolicyForm.SINGLE


def policy_of(
    settings: PolicySettings, incumbent: Policy, *, pack: str, adapter: AdapterUse | None, suites: tuple[str, ...]
) -> Policy:
    """What is gated and served after a repair.

    Args:
        incumbent: what is served now; for form ``route`` of one tier.
        pack: the repaired pack, or the base's where ``adapter`` is loaded beside it.
        suites: of the recipe, in order.

    Raises:
        ValueError: form ``route`` names a suite that is not among them, or all of them.
    """
    name = _unused(REPAIRED, incumbent)
    repaired = Tier(name=name, pack=pack, adapter=adapter, suites=settings.suites)
    tries = {"name": _unused(TRIES, incumbent), "answers": settings.tries, "temperature": settings.temperature}
    specialist = (repaired, repaired.model_copy(update=tries)) if settings.tries else (repaired,)
    if settings.form is PolicyForm.KEEP:
        return Policy(tiers=(*incumbent.tiers, *specialist), silent=settings.silent)
    others = tuple(suite for suite in suites if suite not in settings.suites)
    if not others or not set(settings.suites) <= set(suites):
        raise ValueError("policy.suites: some of the recipe's suites, and not all of them")
    (base,) = incumbent.tiers
    return Policy(tiers=(base.model_copy(update={"suites": others}), *specialist), silent=settings.silent)


def alone(pack: str, name: str = BASE) -> Policy:
    """The policy of one tier that a pack by itself is."""
    return Policy(tiers=(Tier(name=name, pack=pack),))


def _unused(name: str, policy: Policy) -> str:
    taken: Mapping[str, None] = dict.fromkeys(tier.name for tier in policy.tiers)
    names = (name if number == 1 else f"{name} {number}" for number in range(1, len(taken) + 2))
    return next(candidate for candidate in names if candidate not in taken)
