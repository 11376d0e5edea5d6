"""What people say of served answers, weighed before anything of it is checked or trained on. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from suture.core.frozen import Frozen
from suture.core.measure.served_record import Claim, Opinion


class ServedSettings(Frozen):
    """Which claims on served answers become tasks. Each is checked first; see `docs/records.md`."""

    model: str | None = None
    """Only answers of this model: by the name that was asked for, or of who answered behind a router's name."""
    since: str = ""
    """Only answers from this day or time on, in ISO 8601 and UTC."""
    trust: tuple[str, ...] = ()
    """Names of keys whose word on a right answer is taken without tests and without a second key."""


class LeftOut(Frozen):
    """One answer that somebody said something of, and why nothing was made of it."""

    record: str
    choice: int
    said: str
    why: str

    @property
    def says(self) -> str:
        """In one line, for people."""
        choice = f".{self.choice}" if self.choice else ""
        return f"left out {self.record}{choice} ({self.said}): {self.why}"


@dataclass(frozen=True)
class Word:
    """What people say of one answer, where they do not contradict each other.

    Attributes:
        good: they call it right.
        correction: what it should have been, where somebody said so.
        backed: the correction, or the praise, is a trusted key's, or two say the same.
        said: by whom, for people.
    """

    record: str
    choice: int
    good: bool
    correction: str | None
    backed: bool
    said: str


def weigh(claims: Sequence[Claim], trust: Collection[str]) -> Word | LeftOut:
    """Weigh what stands said of one answer, one claim a person.

    A trusted key's correction goes before others; without one, two different corrections are a contradiction.
    """
    first = claims[0]
    said = ", ".join(f"{one.opinion.value} by {one.by or 'somebody without a key'}" for one in claims)
    praised = [one for one in claims if one.opinion is Opinion.GOOD]
    blamed = [one for one in claims if one.opinion is not Opinion.GOOD]
    if praised and blamed:
        return LeftOut(record=first.record, choice=first.choice, said=said, why="people contradict each other")
    if praised:
        backed = len(praised) > 1 or any(one.by in trust for one in praised)
        return Word(first.record, first.choice, good=True, correction=None, backed=backed, said=said)
    corrections: dict[str, list[Claim]] = {}
    for one in blamed:
        if one.correction is not None:
            corrections.setdefault(" ".join(one.correction.split()), []).append(one)
    trusted = {key: ones for key, ones in corrections.items() if any(one.by in trust for one in ones)}
    chosen = list((trusted or corrections).values())
    if len(chosen) > 1:
        return LeftOut(record=first.record, choice=first.choice, said=said, why="two corrections differ")
    correction = chosen[0][0].correction if chosen else None
    backed = bool(trusted) or (bool(chosen) and len(chosen[0]) > 1)
    return Word(first.record, first.choice, good=False, correction=correction, backed=backed, said=said)
