"""What the installed engines did with one pack on this machine, which is the fastest, and how far they agree. Pure."""

from collections.abc import Callable, Sequence
from itertools import combinations

from suture.core.errors import UsageError
from suture.core.frozen import Frozen
from suture.core.measure.attempt import EngineIdentity

AUTO = "auto"
"""In place of an engine's name: whichever the probe finds fastest."""


class EngineReading(Frozen):
    """One engine on the probe prompts.

    Attributes:
        load: seconds until the pack could be asked.
        seconds: from the prompts to the last answer.
        tokens: generated.
        answers: one a prompt, in order.
        error: why there are none.
    """

    engine: str
    identity: EngineIdentity | None = None
    load: float = 0.0
    seconds: float = 0.0
    tokens: int = 0
    answers: tuple[str, ...] = ()
    error: str = ""

    @property
    def tokens_a_second(self) -> float:
        return self.tokens / self.seconds if self.seconds > 0 else 0.0


class EnginePick(Frozen):
    """``engine`` is the one to use on ``pack``, and ``why`` says so for people. Kept in the store."""

    schema_version: int = 1
    pack: str
    engine: str
    why: str
    readings: tuple[EngineReading, ...]


class EngineAgreement(Frozen):
    """Attributes:
    same: prompts that both engines answered with the same text.
    first_differences: where the others part, in tokens of the answer; ``in_tokens`` is False where they were counted in
        characters.
    """

    engines: tuple[str, str]
    prompts: int
    same: int
    first_differences: tuple[int, ...]
    in_tokens: bool

    @property
    def median(self) -> int | None:
        ordered = sorted(self.first_differences)
        return ordered[len(ordered) // 2] if ordered else None


def pick(pack: str, readings: Sequence[EngineReading]) -> EnginePick:
    """The fastest in tokens a second.

    Raises:
        UsageError: no engine read the pack.
    """
    able = [reading for reading in readings if reading.tokens]
    if not able:
        found = "; ".join(f"{reading.engine}: {reading.error}" for reading in readings) or "none is installed"
        raise UsageError(f"no engine can read the pack: {found}", mend="suture doctor")
    best, *others = sorted(able, key=lambda reading: -reading.tokens_a_second)
    why = f"{best.engine} made {best.tokens_a_second:.0f} tokens/s on {len(best.answers)} probe prompts"
    beside = [f"{reading.engine} {reading.tokens_a_second:.0f}" for reading in others]
    beside += [f"{reading.engine} none ({reading.error})" for reading in readings if not reading.tokens]
    return EnginePick(
        pack=pack,
        engine=best.engine,
        why=f"{why}; {', '.join(beside)}" if beside else f"{why}; no other is installed",
        readings=tuple(readings),
    )


def agreements(
    readings: Sequence[EngineReading], token_ids: Callable[[str], Sequence[int]] | None = None
) -> tuple[EngineAgreement, ...]:
    """Compare every two engines that answered. Without ``token_ids``, the pack's tokenizer, characters count."""
    found: list[EngineAgreement] = []
    for one, other in combinations([reading for reading in readings if reading.tokens], 2):
        pairs = [pair for pair in zip(one.answers, other.answers, strict=True) if pair[0] != pair[1]]
        cut = token_ids or _characters
        found.append(
            EngineAgreement(
                engines=(one.engine, other.engine),
                prompts=len(one.answers),
                same=len(one.answers) - len(pairs),
                first_differences=tuple(first_difference(cut(a), cut(b)) for a, b in pairs),
                in_tokens=token_ids is not None,
            )
        )
    return tuple(found)


def _characters(text: str) -> Sequence[int]:
    return [ord(character) for character in text]


def first_difference(one: Sequence[int], other: Sequence[int]) -> int:
    """Index of the first that differs; the length of the shorter where that is how the longer begins."""
    shorter = min(len(one), len(other))
    return next((at for at in range(shorter) if one[at] != other[at]), shorter)
