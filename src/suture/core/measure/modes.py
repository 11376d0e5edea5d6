"""Modes: who may answer of a specialist and a fallback, and in which order. Pure."""

from collections.abc import Iterator
from enum import StrEnum

from suture.core.errors import UnknownName, UsageError
from suture.core.measure.findings import USUAL_TRIGGERS, Trigger
from suture.core.measure.policy import Policy, Silent, Tier


class Mode(StrEnum):
    """Each has a letter, as reports have it: A, B and C; *keep* has none."""

    FALLBACK_ONLY = "fallback-only"
    """A: the fallback alone."""
    SPECIALISTS_ONLY = "specialists-only"
    """B: the specialist alone. No object that could ask the fallback is made."""
    SPECIALISTS_THEN_FALLBACK = "specialists-then-fallback"
    """C: the specialist, and the fallback where its answer is not accepted."""
    KEEP = "keep"
    """The fallback, and the specialist where its answer is not accepted."""

    @property
    def letter(self) -> str:
        """Return what reports call it."""
        return next((letter for letter, mode in LETTERS.items() if mode is self), self.value)


LETTERS = {
    "A": Mode.FALLBACK_ONLY,
    "B": Mode.SPECIALISTS_ONLY,
    "C": Mode.SPECIALISTS_THEN_FALLBACK,
}
FALLBACK = "fallback"
"""The name of a fallback's tier; of several, what their names begin with."""
_NARROWER = {
    Mode.SPECIALISTS_THEN_FALLBACK: (Mode.FALLBACK_ONLY, Mode.SPECIALISTS_ONLY),
    Mode.KEEP: (Mode.FALLBACK_ONLY, Mode.SPECIALISTS_ONLY),
}


def mode_named(name: str) -> Mode:
    """Raises UnknownName: neither a mode's name nor its letter."""
    if name.upper() in LETTERS:
        return LETTERS[name.upper()]
    if name not in list(Mode):
        raise UnknownName("mode", name, [*LETTERS, *Mode])
    return Mode(name)


def narrowed(mode: Mode, wanted: Mode) -> Mode | None:
    """The mode that was asked for, where nobody may answer in it who may not answer in ``mode``; else None."""
    return wanted if wanted is mode or wanted in _NARROWER.get(mode, ()) else None


def modes_within(mode: Mode) -> tuple[Mode, ...]:
    """A mode and all that a request may narrow it to."""
    return (mode, *_NARROWER.get(mode, ()))


def policy_in_mode(
    mode: Mode,
    specialist: Policy,
    fallback: Policy | None,
    triggers: tuple[Trigger, ...] = USUAL_TRIGGERS,
) -> Policy:
    """The tiers that may answer, in their order; those of the fallback are marked as such.

    A prompt that shows nothing is answered by the specialist: in C unless it says nothing or is cut off.

    Raises:
        UsageError: the mode asks a fallback, and there is none, or a tier of the specialist has its name.
    """
    if taken := [tier.name for tier in specialist.tiers if is_fallback(tier.name)]:
        raise UsageError(f"a specialist's tier is called {taken[0]!r}", mend="rename it: that is the fallback's name")
    if mode is Mode.SPECIALISTS_ONLY:
        return specialist.model_copy(update={"triggers": triggers})
    if fallback is None:
        raise UsageError(f"mode {mode.value} asks a fallback, and none is named", mend="add `fallback:` to the routes")
    behind = _marked(fallback)
    if mode is Mode.FALLBACK_ONLY:
        return Policy(tiers=behind, silent=fallback.silent, triggers=triggers)
    first, then = (behind, specialist.tiers) if mode is Mode.KEEP else (specialist.tiers, behind)
    return Policy(
        tiers=tuple(_without_repeats((*first, *then))),
        silent=specialist.silent if mode is Mode.KEEP else Silent.SAID,
        triggers=triggers,
    )


def is_fallback(tier: str) -> bool:
    """Tell whether a tier of this name answers in a specialist's place."""
    return tier == FALLBACK or tier.startswith(f"{FALLBACK} ")


def _marked(fallback: Policy) -> tuple[Tier, ...]:
    alone = len(fallback.tiers) == 1
    return tuple(
        tier.model_copy(update={"fallback": True, "name": FALLBACK if alone else f"{FALLBACK} {tier.name}"})
        for tier in fallback.tiers
    )


def _without_repeats(tiers: tuple[Tier, ...]) -> Iterator[Tier]:
    """Whoever asks one model twice in one way only waits twice for one answer."""
    known: set[str] = set()
    for tier in tiers:
        asked = tier.model_copy(update={"name": "x", "fallback": False}).digest
        if asked not in known:
            known.add(asked)
            yield tier
