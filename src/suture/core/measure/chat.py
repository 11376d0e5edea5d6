"""Renders a chat through the model's own template (Jinja, as stored in its GGUF)."""

import json
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, NoReturn

from jinja2 import Template, nodes
from jinja2.exceptions import TemplateError
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from suture.core.errors import UsageError
from suture.core.frozen import Frozen
from suture.core.measure.task import Message
from suture.core.measure.tools import Tool
from suture.core.remembered import remembered

_A_FIXED_DAY = datetime(2025, 1, 1, tzinfo=UTC)
"""What templates that print the date are told: a prompt must not change overnight."""


class ChatTemplate(Frozen):
    """Attributes:
    adds_bos: the engine's tokenizer puts ``bos`` first by itself, so the text must not carry it too.
    normalise: the Unicode form that the model's own tokenizer brings a text into, which the engines do not; empty for
        none.
    """

    source: str
    bos: str = ""
    eos: str = ""
    adds_bos: bool = False
    normalise: Literal["", "NFC"] = ""

    def render(
        self,
        messages: Sequence[Message],
        answer_prefix: str = "",
        *,
        tools: Sequence[Tool] = (),
        opened: bool = True,
    ) -> str:
        """The prompt text, with the assistant's turn opened and ``answer_prefix`` in it.

        Args:
            tools: handed to the template, which may drop them without a word: see ``prompts.tools_by``.
            opened: open the assistant's turn after the last message.

        Raises:
            UsageError: the template is broken or refuses these messages.
        """
        context: dict[str, Any] = {
            "raise_exception": _raise,
            "strftime_now": _A_FIXED_DAY.strftime,
            "messages": [message.as_openai() for message in messages],
            # None is stated, as transformers does: a template may ask whether it is defined
            "tools": [tool.as_openai() for tool in tools] or None,
            "documents": None,
            "add_generation_prompt": opened,
            "bos_token": self.bos,
            "eos_token": self.eos,
        }
        try:
            text = _compiled(self.source).render(context)
        except Exception as error:  # the template is a program from the model's file: it may raise anything
            raise UsageError(
                f"the model's chat template cannot render this chat: {error}",
                mend="ask without what it refuses, such as a system message or tools",
            ) from error
        if self.adds_bos and self.bos:
            text = text.removeprefix(self.bos)
        text += answer_prefix
        return unicodedata.normalize(self.normalise, text) if self.normalise else text


AS_MESSAGES = ChatTemplate(source="{{ messages | tojson }}")
"""Renders a chat as its messages: for who asks with those, so that the prompt on record is what was asked."""


@remembered(64)
def _compiled(source: str) -> Template:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols", _Generation]
    )
    environment.filters["tojson"] = _to_json  # pyright: ignore[reportUnknownMemberType] - Jinja leaves it open
    return environment.from_string(source)


def why_no_template(source: str) -> str | None:
    """What is wrong with the text of a chat template, in one line; None where it can be rendered at all."""
    try:
        _compiled(source)
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        return f"{' '.join(str(error).split())}{f', line {line}' if line else ''}"
    return None


def _raise(message: str) -> NoReturn:
    raise TemplateError(message)


def _to_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    """As transformers renders it; Jinja's own filter escapes < > & ' and sorts keys."""
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


class _Generation(Extension):
    """``{% generation %}``, with which transformers marks what a model wrote: renders what is in it."""

    tags = {"generation"}  # noqa: RUF012 - as Jinja declares it

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_as_it_is"), [], [], body).set_lineno(line)

    def _as_it_is(self, caller: Callable[[], str]) -> str:
        return caller()
