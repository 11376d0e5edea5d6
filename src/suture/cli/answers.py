"""Answers on a terminal, as they are made."""

import sys
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from suture.cli.options import require_at_least
from suture.core.errors import SutureError
from suture.core.measure.attempt import Sampling
from suture.core.measure.speech import Piece
from suture.core.measure.task import Message
from suture.core.surrogates import joined
from suture.serve.api_error import ApiError
from suture.serve.responder import Ended, Inquiry, Responder

FENCE_HELP = "Open each answer as a fenced block of this language and stop at its end, as benches of code do."

KIND_HELP = (
    "Of a policy of several tiers: the sort of job it does, such as python or json (docs/kinds.md); default what it "
    "was gated on."
)
SUITE_HELP = "Of a policy whose tiers are for some suites alone: whose tasks the prompts are like."

THREADS_HELP = "Of the engine; default all cores this process may use."


@Parameter(name="*")
@dataclass(frozen=True)
class AnswerOptions:
    """How one answer is sampled."""

    max_tokens: Annotated[int | None, Parameter(help="Of an answer; default as many as the context holds.")] = None
    temperature: Annotated[float, Parameter(help="0 is greedy, as benches measure.")] = 0.0
    seed: Annotated[int, Parameter(help="Of an answer that is sampled: equal seeds, equal answers.")] = 0
    system: Annotated[str | None, Parameter(help="A system message.")] = None

    def about(self, model: str, messages: Sequence[Message]) -> Inquiry:
        """Raises UsageError: an answer of less than one token."""
        require_at_least(1, max_tokens=self.max_tokens)
        system = (Message(role="system", content=self.system),) if self.system else ()
        sampling = Sampling(temperature=self.temperature, seed=self.seed)
        return Inquiry(
            model=model,
            messages=(*system, *messages),
            max_tokens=self.max_tokens,
            sampling=sampling,
            streamed=True,
        )


async def answered(responder: Responder, asked: Inquiry, show: Callable[[str], None]) -> tuple[str, Ended]:
    """The whole answer, and how it ended; ``show`` gets each piece when it is made."""
    text, ending = "", None
    try:
        async with aclosing(responder.respond(asked)) as events:
            async for event in events:
                if isinstance(event, Piece):
                    text += event.text
                    show(event.text)
                elif isinstance(event, Ended):
                    ending = event
    except ApiError as error:
        raise SutureError(error.message) from error
    if ending is None:
        raise SutureError("the answer has no end")
    return text, ending


def show(text: str) -> None:
    """On stdout, at once; what its encoding lacks is written as an escape."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(joined(text).encode(encoding, "backslashreplace").decode(encoding))
    sys.stdout.flush()


def keep_still(text: str) -> None:
    pass
