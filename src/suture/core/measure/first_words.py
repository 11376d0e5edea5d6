"""The first words of a pack, kept when it was promoted: what loads later and says others is not what was promoted."""

from collections.abc import Sequence

from suture.core.frozen import Frozen
from suture.core.measure.attempt import EngineIdentity

SAME = "its first words are those of its promotion"


class FirstWords(Frozen):
    """What a pack says first, greedily and alone.

    Attributes:
        engine: what computed it, as for a batch of one.
        prompt_digest: SHA-256 of the rendered prompt.
        text: of a few tokens.
    """

    engine: EngineIdentity
    prompt_digest: str
    text: str

    @classmethod
    def of(cls, engine: EngineIdentity, prompt_digest: str, text: str) -> "FirstWords":
        """How many slots an engine has makes no difference to somebody who is alone."""
        return cls(engine=engine.model_copy(update={"batch": 1}), prompt_digest=prompt_digest, text=text)


class KeptWords(Frozen):
    """``said``: one for each engine that the pack was promoted on."""

    pack: str
    said: tuple[FirstWords, ...]


def compared(kept: Sequence[FirstWords], now: FirstWords) -> str | None:
    """Say how what was just said compares with what was kept; None where it is other than it was.

    Only the same instrument can say whether the words are the same.
    """
    alike = [one for one in kept if (one.engine, one.prompt_digest) == (now.engine, now.prompt_digest)]
    if alike:
        return SAME if alike[-1].text == now.text else None
    if not kept:
        return ""
    last = kept[-1]
    changed = now.engine.changes_since(last.engine) or ("its prompt is rendered otherwise",)
    return f"its first words are not compared: {', '.join(changed)}"
