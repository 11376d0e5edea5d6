"""What came of asking for a recorded answer once more: the same, another from some token on, or it cannot be asked."""

from collections.abc import Sequence
from enum import StrEnum

from suture.core.frozen import Frozen
from suture.core.measure.speech import Token


class Replay(StrEnum):
    SAME = "same"
    DIFFERS = "differs"
    CANNOT = "cannot"


class Replayed(Frozen):
    """Attributes:
    why: why it cannot be asked, or what else is to be said.
    asked: how it was asked: ``alone``, or in a batch of so many of its own kind.
    token: of an answer that differs, the place of the first token that does; None where it is not known.
    margin: by how many nats the engine now prefers its own token there to the recorded one; None where it does not
        tell.
    changed: what is otherwise in the instrument than it was, in words.
    text: the answer as it was made now.
    """

    record: str
    choice: int
    outcome: Replay
    why: str = ""
    asked: str = ""
    token: int | None = None
    margin: float | None = None
    changed: tuple[str, ...] = ()
    text: str = ""

    @property
    def says(self) -> str:
        """In one line, for people."""
        since = f"; since then: {', '.join(self.changed)}" if self.changed else ""
        if self.outcome is Replay.CANNOT:
            return f"cannot: {self.why}"
        if self.outcome is Replay.SAME:
            return f"same, asked {self.asked}{since}"
        where = "" if self.token is None else f" at token {self.token}"
        by = "" if self.margin is None else f" (margin {self.margin:.4f} nats)"
        return f"differs{where}{by}, asked {self.asked}{'; ' + self.why if self.why else ''}{since}"


def first_difference(recorded: str, tokens: Sequence[Token]) -> tuple[int, float | None]:
    """The place of the first token that the recorded text does not go on with, and the margin there.

    Args:
        tokens: of the new answer, whose joined text is not the recorded one.

    Returns:
        The place, counted from 0 (after the last token where the recorded text only went on); and how much likelier
        the new token is than the likeliest alternative that the recorded text goes on with, where there is one.
    """
    wanted, at = recorded.encode("utf-8", "surrogatepass"), 0
    for place, token in enumerate(tokens):
        raw = bytes(token.chosen.raw)
        if wanted[at : at + len(raw)] != raw or (raw and at >= len(wanted)):
            rest = wanted[at:]
            fitting = [one.logprob for one in token.alternatives if one.raw and rest.startswith(bytes(one.raw))]
            return place, token.chosen.logprob - max(fitting) if fitting else None
        at += len(raw)
    return len(tokens), None
