"""Bodies and chunks of answers, in the shapes of OpenAI's two interfaces."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from suture.core.measure.attempt import FinishReason
from suture.core.measure.speech import Piece, Scored, Token
from suture.serve.responder import Begun, Called, Ended


@dataclass
class Choice:
    """One of a request's answers, gathered. ``started``: its first chunk was written."""

    text: str = ""
    tokens: list[Token] = field(default_factory=list[Token])
    ended: Ended | None = None
    started: bool = False

    def add(self, event: Piece | Ended) -> None:
        if isinstance(event, Piece):
            self.text += event.text
            self.tokens.extend(event.tokens)
        else:
            self.ended = event


@dataclass(frozen=True)
class Head:
    """What is the same in a body and in every chunk of it: its id, when it was made (Unix time), and who answers."""

    id: str
    created: int
    begun: Begun

    def fields(self, kind: str) -> dict[str, Any]:
        who = {"model": self.begun.model, "system_fingerprint": self.begun.fingerprint}
        return {"id": self.id, "object": kind, "created": self.created, **who}


class Shape(Protocol):
    """One of the two interfaces."""

    @property
    def prefix(self) -> str:
        """Of its ids."""
        ...

    def body(self, head: Head, choices: Sequence[Choice]) -> dict[str, Any]: ...

    def chunks(self, head: Head, index: int, choice: Choice, event: Piece | Ended) -> Sequence[dict[str, Any]]:
        """What is told of one event."""
        ...

    def last_chunk(self, head: Head, choices: Sequence[Choice]) -> dict[str, Any]:
        """The one with ``usage``."""
        ...


def new_id(prefix: str, milliseconds: int) -> str:
    """Ids in the order of their time, with 128 bits of chance."""
    return f"{prefix}-{milliseconds:012x}{secrets.token_hex(16)}"


def usage_of(choices: Sequence[Choice], n: int) -> dict[str, int]:
    """A prompt that is answered ``n`` times counts once."""
    ended = [choice.ended for choice in choices if choice.ended is not None]
    prompt, answer = sum(one.prompt_tokens for one in ended[::n]), sum(one.tokens for one in ended)
    return {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}


class ChatShape:
    """``alternatives``: how many of them are told of each token; None where none is told at all."""

    prefix = "chatcmpl"

    def __init__(self, n: int, alternatives: int | None) -> None:
        self._n, self._alternatives = n, alternatives

    def body(self, head: Head, choices: Sequence[Choice]) -> dict[str, Any]:
        told = [
            {
                "index": index,
                "message": _message(choice),
                "logprobs": self._logprobs(choice.tokens),
                "finish_reason": _finish(choice.ended),
            }
            for index, choice in enumerate(choices)
        ]
        return {**head.fields("chat.completion"), "choices": told, "usage": usage_of(choices, self._n)}

    def chunks(self, head: Head, index: int, choice: Choice, event: Piece | Ended) -> Sequence[dict[str, Any]]:
        role: dict[str, Any] = {} if choice.started else {"role": "assistant"}
        choice.started = True
        if isinstance(event, Piece):
            return [self._chunk(head, index, {**role, "content": event.text}, self._logprobs(event.tokens))]
        deltas: list[dict[str, Any]] = []
        if event.calls:
            calls = [{"index": at, **call} for at, call in enumerate(_calls(event.calls))]
            deltas.append({**role, "content": None, "tool_calls": calls})
        elif role:
            deltas.append({**role, "content": ""})
        last = self._chunk(head, index, {}, None, _finish(event))
        return [*(self._chunk(head, index, delta, None) for delta in deltas), last]

    def last_chunk(self, head: Head, choices: Sequence[Choice]) -> dict[str, Any]:
        return {**head.fields("chat.completion.chunk"), "choices": [], "usage": usage_of(choices, self._n)}

    def _chunk(
        self, head: Head, index: int, delta: Mapping[str, Any], logprobs: object, finish: str | None = None
    ) -> dict[str, Any]:
        choice = {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": finish}
        return {**head.fields("chat.completion.chunk"), "choices": [choice]}

    def _logprobs(self, tokens: Sequence[Token]) -> dict[str, Any] | None:
        if self._alternatives is None:
            return None
        most = self._alternatives
        entries = [
            {**_scored(token.chosen), "top_logprobs": [_scored(one) for one in token.alternatives[:most]]}
            for token in tokens
        ]
        return {"content": entries, "refusal": None}


class CompletionShape:
    """``echoes``: what is told before each answer: its prompt, or nothing."""

    prefix = "cmpl"

    def __init__(self, n: int, alternatives: int | None, echoes: Sequence[str]) -> None:
        self._n, self._alternatives, self._echoes = n, alternatives, echoes

    def body(self, head: Head, choices: Sequence[Choice]) -> dict[str, Any]:
        told = [
            self._choice(index, self._echoes[index] + choice.text, choice.tokens, 0, _finish(choice.ended))
            for index, choice in enumerate(choices)
        ]
        return {**head.fields("text_completion"), "choices": told, "usage": usage_of(choices, self._n)}

    def chunks(self, head: Head, index: int, choice: Choice, event: Piece | Ended) -> Sequence[dict[str, Any]]:
        echo = "" if choice.started else self._echoes[index]
        choice.started = True
        if isinstance(event, Piece):
            told = self._choice(index, echo + event.text, event.tokens, len(choice.text) - len(event.text), None)
        else:
            told = self._choice(index, echo, (), len(choice.text), _finish(event))
        return [{**head.fields("text_completion"), "choices": [told]}]

    def last_chunk(self, head: Head, choices: Sequence[Choice]) -> dict[str, Any]:
        return {**head.fields("text_completion"), "choices": [], "usage": usage_of(choices, self._n)}

    def _choice(
        self, index: int, text: str, tokens: Sequence[Token], offset: int, finish: str | None
    ) -> dict[str, Any]:
        return {"index": index, "text": text, "logprobs": self._logprobs(tokens, offset), "finish_reason": finish}

    def _logprobs(self, tokens: Sequence[Token], offset: int) -> dict[str, Any] | None:
        """In the legacy shape: lists side by side."""
        if self._alternatives is None:
            return None
        offsets: list[int] = []
        for token in tokens:
            offsets.append(offset)
            offset += len(token.chosen.token)
        most = self._alternatives
        return {
            "tokens": [token.chosen.token for token in tokens],
            "token_logprobs": [token.chosen.logprob for token in tokens],
            "top_logprobs": [{one.token: one.logprob for one in token.alternatives[:most]} for token in tokens],
            "text_offset": offsets,
        }


def _message(choice: Choice) -> dict[str, Any]:
    calls = choice.ended.calls if choice.ended else ()
    said: dict[str, Any] = {"role": "assistant", "content": None if calls else choice.text, "refusal": None}
    return said | {"tool_calls": _calls(calls)} if calls else said


def _calls(calls: Sequence[Called]) -> list[dict[str, Any]]:
    return [
        {
            "id": f"call_{secrets.token_hex(12)}",
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments},
        }
        for call in calls
    ]


def _finish(ended: Ended | None) -> str | None:
    if ended is None:
        return None
    if ended.calls:
        return "tool_calls"
    return "length" if ended.finish is FinishReason.LENGTH else "stop"


def _scored(one: Scored) -> dict[str, Any]:
    return {"token": one.token, "logprob": one.logprob, "bytes": list(one.raw)}
