"""What stands behind the door: asked something, it says who answers, then the answer in pieces, then how it ended."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from suture.core.frozen import Frozen
from suture.core.measure.attempt import FinishReason, Sampling
from suture.core.measure.modes import Mode
from suture.core.measure.served_answer import ServedAnswer
from suture.core.measure.speech import Load, Piece
from suture.core.measure.task import Message
from suture.core.measure.tools import Tool


class Inquiry(Frozen):
    """One answer that a client wants, checked, in Suture's terms.

    Attributes:
        model: the name it was asked under.
        messages: of a chat; None where ``prompt`` is given.
        prompt: a text or token ids to go on from as they are.
        tools: what the chat offers to call.
        callable: names of the tools of which one must be called; empty where none has to be.
        schema_text: a JSON Schema that the answer must be valid by.
        alternatives: as of ``Speech``.
        streamed: pieces are wanted as they are made.
        mode: a narrower one than the route's, where the client asks for it.
    """

    model: str
    messages: tuple[Message, ...] | None = None
    prompt: str | tuple[int, ...] | None = None
    tools: tuple[Tool, ...] = ()
    callable: tuple[str, ...] = ()
    schema_text: str | None = None
    stop: tuple[str, ...] = ()
    max_tokens: int | None = None
    sampling: Sampling = Sampling()
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    logit_bias: tuple[tuple[int, float], ...] = ()
    alternatives: int | None = None
    streamed: bool = False
    mode: Mode | None = None


class Begun(NamedTuple):
    """Who answers: the served name, the SHA-256 of its pack, and what computes it.

    ``how``: how the answer comes about, as far as it is known by now; kept of one that is cut off.
    """

    model: str
    pack: str
    fingerprint: str
    how: ServedAnswer | None = None


class Called(NamedTuple):
    """A tool that the answer calls. ``arguments``: a JSON object, as a text."""

    name: str
    arguments: str


@dataclass(frozen=True)
class Ended:
    """How an answer ended, and ``how`` it came about. With ``calls`` it had no text."""

    finish: FinishReason
    prompt_tokens: int
    tokens: int
    calls: tuple[Called, ...] = ()
    how: ServedAnswer | None = None


Event = Begun | Piece | Ended


@dataclass(frozen=True)
class ServedModel:
    """A name that clients may ask for.

    Attributes:
        pack: SHA-256 of what answers under it.
        since: Unix time.
        about: for people: alias, event, and the like.
    """

    name: str
    pack: str
    since: int
    about: Mapping[str, Any]


class Responder(Protocol):
    """Laws:
    ``respond`` yields one ``Begun``, then pieces, then one ``Ended``; or it raises.
    Whoever closes it frees what was held for it.
    """

    def models(self) -> tuple[ServedModel, ...]: ...

    def load(self) -> Load: ...

    def troubles(self) -> Mapping[str, str]:
        """Tell what of all this is not as it should be, by name: what was to be served and cannot, and why."""
        ...

    def shadow_counts(self) -> Mapping[tuple[str, str], int]:
        """Count answers of shadows, by the served name and how they compare with what clients got."""
        ...

    def respond(self, asked: Inquiry) -> AsyncGenerator[Event]:
        """Yield the events of one answer, the last of them its end.

        Raises:
            ApiError: no such model, or an answer that breaks what the request could count on.
            SutureError: as of ``Speaker``, or a chat that the model's template refuses.
        """
        ...
