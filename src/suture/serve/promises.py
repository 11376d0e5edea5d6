"""What a request may count on: the answer's form, a schema, calls of offered tools. Checked on the answer itself, since
engines let go of a constraint they cannot keep without a word."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from decimal import Decimal
from typing import Any

from suture.core.measure.attempt import FinishReason
from suture.core.measure.speech import Ending, Piece
from suture.core.measure.task import AnswerForm
from suture.serve.api_error import broken_promise
from suture.serve.responder import Called, Ended, Inquiry
from suture.suites.kinds.compiled_schemas import validator_of
from suture.suites.kinds.json_values import NotJson, read_value
from suture.suites.kinds.tool_calls.calls import Call, NoCalls
from suture.suites.kinds.tool_calls.reading import read_calls


def shaped(said: AsyncIterator[Piece | Ending], asked: Inquiry, form: AnswerForm) -> AsyncGenerator[Piece | Ended]:
    """An engine's answer as the client gets it: whole, in its form, or as calls.

    Raises:
        ApiError: it is not valid by the schema, or calls nothing where it must.
    """
    return _with_calls(said, asked, form) if asked.tools else _as_text(said, asked, form)


def calls_schema(asked: Inquiry) -> str:
    """A JSON Schema of a list of calls of the tools that must be called."""
    one_of = [
        {
            "type": "object",
            "properties": {"name": {"const": tool.name}, "arguments": tool.parameters},
            "required": ["name", "arguments"],
            "additionalProperties": False,
        }
        for tool in asked.tools
        if tool.name in asked.callable
    ]
    return json.dumps({"type": "array", "minItems": 1, "items": {"anyOf": one_of}})


async def _as_text(
    said: AsyncIterator[Piece | Ending], asked: Inquiry, form: AnswerForm
) -> AsyncGenerator[Piece | Ended]:
    text = ""
    if form.opening:
        yield Piece(form.opening)
    async for part in said:
        if isinstance(part, Piece):
            text += part.text if asked.schema_text is not None else ""
            yield part
            continue
        if part.finish is FinishReason.STOP and asked.schema_text is not None:
            _require_valid(text, asked.schema_text)
        if part.finish is FinishReason.STOP and form.closing:
            yield Piece(form.closing)
        yield Ended(part.finish, part.prompt_tokens, part.tokens)


async def _with_calls(
    said: AsyncIterator[Piece | Ending], asked: Inquiry, form: AnswerForm
) -> AsyncGenerator[Piece | Ended]:
    """Nothing is given out before the answer is whole: until then it may be a call or not."""
    text, tokens = "", ()
    async for part in said:
        if isinstance(part, Piece):
            text, tokens = text + part.text, tokens + part.tokens
            continue
        calls = _calls_in(text, asked)
        if asked.callable and not calls and part.finish is FinishReason.STOP:
            message = f"The model called none of the tools it had to call: {', '.join(asked.callable)}."
            raise broken_promise(message, param="tool_choice", code="no_tool_call")
        if calls is None:
            closing = form.closing if part.finish is FinishReason.STOP else ""
            yield Piece(form.opening + text + closing, tokens)
        elif not calls:
            yield Piece("", tokens)
        yield Ended(part.finish, part.prompt_tokens, part.tokens, calls or ())


def _calls_in(text: str, asked: Inquiry) -> tuple[Called, ...] | None:
    """The calls that an answer makes, () where it says that it makes none, None where it is text."""
    offered = {tool.name: tool for tool in asked.tools}
    try:
        calls = read_calls(text, offered)
    except NoCalls:
        return None
    allowed = asked.callable or tuple(offered)
    if any(call.name not in allowed for call in calls):
        return None
    return tuple(_called(call) for call in calls)


def _called(call: Call) -> Called:
    return Called(call.name, json.dumps(call.arguments, ensure_ascii=False, default=_number))


def _number(value: Any) -> int | float:
    """Of numbers that were read exactly. Raises TypeError for anything else."""
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} is no JSON value")
    return int(value) if value == value.to_integral_value() else float(value)


def _require_valid(text: str, schema_text: str) -> None:
    try:
        said = validator_of(schema_text)(read_value(text))
    except NotJson as error:
        said = f"it is no JSON: {error}"
    except ValueError as error:
        said = f"it cannot be held against it: {error}"
    if said is not None:
        message = f"The model's answer is not valid by the schema: {said}"
        raise broken_promise(message, param="response_format", code="invalid_answer")
