"""Renders a chat through the model's own template (Jinja, as stored in its GGUF)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn

from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from suture.core.errors import UsageError
from suture.core.frozen import Frozen
from suture.core.measure.task import Message

_A_FIXED_DAY = datetime(2025, 1, 1, tzinfo=UTC)
"""What templates that print the date are told: a prompt must not change overnight."""


class ChatTemplate(Frozen):
    """Attributes:
    adds_bos: the engine's tokenizer puts ``bos`` first by itself, so the text must not carry it too.
    """

    source: str
    bos: str = ""
    eos: str = ""
    adds_bos: bool = False

    def render(self, messages: Sequence[Message], answer_prefix: str = "") -> str:
        """The prompt text, with the assistant's turn opened and ``answer_prefix`` in it.

        Raises:
            UsageError: the template is broken or refuses these messages.
        """
        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
        )
        context: dict[str, Any] = {
            "raise_exception": _raise,
            "strftime_now": _A_FIXED_DAY.strftime,
            "messages": [message.model_dump() for message in messages],
            "add_generation_prompt": True,
            "bos_token": self.bos,
            "eos_token": self.eos,
        }
        try:
            text = environment.from_string(self.source).render(context)
        except Exception as error:  # the template is a program from the model's file: it may raise anything
            raise UsageError(f"the model's chat template cannot render this chat: {error}") from error
        if self.adds_bos and self.bos:
            text = text.removeprefix(self.bos)
        return text + answer_prefix


def _raise(message: str) -> NoReturn:
    raise TemplateError(message)
