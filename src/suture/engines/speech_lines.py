"""What is said between a server and an engine in a process of its own: one JSON text a line. Pure."""

import json
from collections.abc import Sequence
from typing import Any

from suture.core.errors import Fault, SutureError, UsageError
from suture.core.measure.attempt import FinishReason
from suture.core.measure.speech import Ending, Piece, PromptTooLong, RefusedByEngine, Scored, Speech, Token

LONGEST_LINE = 1 << 26
"""Bytes: a prompt may be as long as the context."""


def speech_line(speech: Speech) -> bytes:
    return speech.to_json_text().encode() + b"\n"


def read_speech(line: bytes) -> Speech:
    return Speech.from_json_text(line)


def part_line(part: Piece | Ending) -> bytes:
    if isinstance(part, Piece):
        return _line(["piece", part.text, part.tokens])
    return _line(["ending", part.finish.value, part.prompt_tokens, part.tokens])


def error_line(error: SutureError) -> bytes:
    if isinstance(error, PromptTooLong):
        return _line(["too long", error.tokens, error.context])
    kind = "refused" if isinstance(error, RefusedByEngine) else "wrong" if isinstance(error, UsageError) else "fault"
    return _line([kind, str(error)])


def read_part(line: bytes) -> Piece | Ending:
    """
    Raises:
        PromptTooLong, RefusedByEngine, UsageError, Fault: that is what was said.
    """
    kind, *told = json.loads(line)
    if kind == "piece":
        return Piece(told[0], tuple(_token(token) for token in told[1]))
    if kind == "ending":
        return Ending(FinishReason(told[0]), told[1], told[2])
    if kind == "too long":
        raise PromptTooLong(told[0], told[1])
    raise {"refused": RefusedByEngine, "wrong": UsageError}.get(kind, Fault)(told[0])


def _token(told: Sequence[Any]) -> Token:
    chosen, alternatives = told
    return Token(_scored(chosen), tuple(_scored(one) for one in alternatives))


def _scored(told: Sequence[Any]) -> Scored:
    return Scored(told[0], told[1], tuple(told[2]))


def _line(told: Sequence[Any]) -> bytes:
    return json.dumps(told).encode() + b"\n"
