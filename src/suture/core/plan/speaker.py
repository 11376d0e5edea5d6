"""The port for answers as they are made, to many callers at once. ``Generator`` is the instrument, in fixed batches."""

from collections.abc import AsyncGenerator
from typing import Protocol

from suture.core.measure.attempt import EngineIdentity
from suture.core.measure.speech import Ending, Load, Piece, Speech


class Speaker(Protocol):
    """Answers with one pack, as many at once as it has slots; more wait, and the first comes first.

    Laws:
        The last of what ``speak`` yields is an ``Ending``, and there is no other.
        The pieces' texts, joined, stand before the first stop string.
        A caller who leaves (closes the generator, or is cancelled) frees the slot: while waiting, while the prompt is
        read, and while the answer is made.
        Callers do not mix: every piece is of the answer to its own speech.
    """

    @property
    def identity(self) -> EngineIdentity: ...

    @property
    def context(self) -> int:
        """Tokens that a prompt and its answer may be together."""
        ...

    @property
    def slots(self) -> int:
        """How many answer at once."""
        ...

    def load(self) -> Load: ...

    def speak(self, speech: Speech) -> AsyncGenerator[Piece | Ending]:
        """Answer, piece by piece. To be closed by whoever opened it.

        Raises:
            PromptTooLong: the context cannot hold the prompt.
            RefusedByEngine: a schema that the engine cannot hold an answer to, or token ids that it does not know.
            Fault: the engine itself failed.
        """
        ...

    def close(self) -> None:
        """Waits for no answer: those still being made end."""
        ...
