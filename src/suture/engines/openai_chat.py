"""Any OpenAI-compatible server through ``/v1/chat/completions``: an instrument of its own.

The server renders the chat by a template that nobody here sees, and the answer cannot be opened for it. So a "prompt"
is the chat's messages as JSON, followed by what would have opened the answer (template ``AS_MESSAGES``), and an answer
begins where the model itself has opened it.
"""

import json
from typing import Any

from suture.core.errors import UsageError
from suture.core.measure.attempt import Request
from suture.engines.openai import OpenAIEngine


class OpenAIChatEngine(OpenAIEngine):
    path = "chat/completions"
    not_there = "name the server's /v1, and a model that it has: --engine-model"

    def _body(self, request: Request) -> dict[str, Any]:
        """Without stop strings: they are for an answer that was opened, and what comes before may hold them."""
        messages, _ = _parted(request.prompt)
        return {"messages": messages}

    def _text(self, choice: Any, request: Request) -> str:
        said = str(choice["message"].get("content") or "")
        _, opening = _parted(request.prompt)
        return after_opening(said, opening)


def after_opening(said: str, opening: str) -> str:
    """What stands after the fence that would have opened the answer; the whole answer where it has none."""
    fence = opening.strip()
    if not fence:
        return said
    for opened in (fence, "```"):  # a block of no language, where the wanted one is not there
        before, found, rest = said.partition(f"{opened}\n")
        if found and (not before or before.endswith("\n")):
            return rest
    return said


def _parted(prompt: str) -> tuple[Any, str]:
    """The messages, and what would have opened the answer."""
    try:
        messages, end = json.JSONDecoder().raw_decode(prompt)
    except ValueError:
        raise UsageError(
            "engine openai-chat is asked with messages, and was given a prompt", mend="use engine openai"
        ) from None
    return messages, prompt[end:]
