"""What is asked of a speaking engine, and the pieces in which it answers."""

from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field

from suture.core.errors import Fault, UsageError
from suture.core.frozen import Frozen
from suture.core.measure.attempt import AdapterUse, FinishReason, Sampling
from suture.core.surrogates import readable


class Speech(Frozen):
    """One prompt, and how it is to be answered.

    Attributes:
        prompt: a text, already rendered through the model's chat template; or token ids.
        stop: the answer ends before the first of these.
        max_tokens: of the answer; None for as many as the context holds.
        logit_bias: (token id, what is added to its logit).
        alternatives: likeliest tokens to tell of at each place, beside the one chosen; None to tell no log-probability.
        schema_text: a JSON Schema that the engine holds the answer to, token by token.
        adapter: one that was loaded beside the pack; None for the pack as it is.
    """

    prompt: Annotated[str, AfterValidator(readable)] | tuple[int, ...]
    stop: tuple[str, ...] = ()
    max_tokens: int | None = Field(default=None, gt=0)
    sampling: Sampling = Sampling()
    frequency_penalty: float = Field(default=0.0, allow_inf_nan=False)
    presence_penalty: float = Field(default=0.0, allow_inf_nan=False)
    logit_bias: tuple[tuple[int, float], ...] = ()
    alternatives: int | None = Field(default=None, ge=0)
    schema_text: str | None = None
    adapter: AdapterUse | None = None


class Scored(NamedTuple):
    """A token with its log-probability in nats. ``raw``: its bytes, which may be part of a character."""

    token: str
    logprob: float
    raw: tuple[int, ...]


class Token(NamedTuple):
    """One token of an answer. ``alternatives``: the likeliest in its place, itself among them if it is one."""

    chosen: Scored
    alternatives: tuple[Scored, ...]


class Piece(NamedTuple):
    """A part of an answer, without broken characters. ``tokens`` only where log-probabilities were asked for."""

    text: str
    tokens: tuple[Token, ...] = ()


class Ending(NamedTuple):
    """How an answer ended, in tokens of the model."""

    finish: FinishReason
    prompt_tokens: int
    tokens: int


class Load(NamedTuple):
    """How many answers wait for a slot of the engine, and how many are in one; how often the engine died and was
    started again."""

    waiting: int
    speaking: int
    restarts: int = 0


class PromptTooLong(UsageError):
    """A prompt that the engine's context cannot hold."""

    def __init__(self, tokens: int, context: int) -> None:
        super().__init__(
            f"the prompt is {tokens} tokens, and the model is served with a context of {context}",
            mend="ask with a shorter prompt, or serve it with a larger --context",
        )
        self.tokens, self.context = tokens, context


class RefusedByEngine(UsageError):
    """What the engine cannot do, in its own words."""


class UpstreamFailed(Fault):
    """A server elsewhere did not give a whole answer. Never told as an answer that ended."""
