"""What an OpenAI-compatible server says of one completion, piece by piece or whole, in Suture's terms. Pure."""

import json
from collections.abc import Sequence
from typing import Any

from suture.core.json_types import is_list, is_object
from suture.core.measure.attempt import FinishReason
from suture.core.measure.speech import Ending, Piece, Speech, UpstreamFailed

MOST = 4 * 1024 * 1024
"""Bytes of an answer, with all that is around it; no model says so much, and a broken server might."""


def completion_body(speech: Speech, model: str, *, max_tokens: int) -> dict[str, Any]:
    """A request for one completion, as a stream. Raises UpstreamFailed: what cannot be asked of a server elsewhere."""
    if speech.adapter is not None:
        raise UpstreamFailed("a server elsewhere loads no adapter: serve it there under a name of its own")
    if speech.alternatives is not None:
        raise UpstreamFailed("a server elsewhere tells no log-probabilities that could be passed on")
    return {
        "model": model,
        "prompt": list(speech.prompt) if isinstance(speech.prompt, tuple) else speech.prompt,
        "max_tokens": speech.max_tokens or max_tokens,
        "temperature": speech.sampling.temperature,
        "top_p": speech.sampling.top_p,
        "seed": speech.sampling.seed,
        "stop": list(speech.stop[:4]) or None,
        "stream": True,
        "stream_options": {"include_usage": True},
        **({"frequency_penalty": speech.frequency_penalty} if speech.frequency_penalty else {}),
        **({"presence_penalty": speech.presence_penalty} if speech.presence_penalty else {}),
        **({"logit_bias": {str(token): bias for token, bias in speech.logit_bias}} if speech.logit_bias else {}),
    }


class EventReader:
    """Reads a stream as its bytes come: ``feed`` it all of them, then ``end`` it and ask for the ``ending``.

    Attributes:
        streamed: the body is a stream of events; else it is one JSON object, as some servers answer whatever was asked.
        done: the server has said that nothing more comes.
    """

    def __init__(self, model: str) -> None:
        self._model = model
        self._rest, self._read = b"", 0
        self._finish: FinishReason | None = None
        self._pieces, self._usage = 0, (0, 0)
        self.streamed, self.done = True, False

    def feed(self, data: bytes) -> Sequence[Piece]:
        """
        Raises:
            UpstreamFailed: no event of a completion, an error, another model's answer, or far too much.
        """
        self._read += len(data)
        if self._read > MOST:
            raise UpstreamFailed(f"it says more than {MOST} bytes")
        if not self.streamed:
            self._rest += data
            return ()
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [piece for line in lines for piece in self._line(line.strip())]

    def end(self) -> Sequence[Piece]:
        """What is left when nothing more comes. Raises as ``feed``."""
        rest, self._rest = self._rest, b""
        return self._event(rest) if not self.streamed else ()

    def ending(self) -> Ending:
        """How the answer ended. Raises UpstreamFailed: it did not, the stream was cut off."""
        if self._finish is None:
            raise UpstreamFailed("its answer was cut off before its end")
        prompt_tokens, tokens = self._usage
        return Ending(self._finish, prompt_tokens, tokens or self._pieces)

    def _line(self, line: bytes) -> Sequence[Piece]:
        if not line or line.startswith((b":", b"event:", b"id:", b"retry:")):
            return ()
        if not line.startswith(b"data:"):
            raise UpstreamFailed(f"it says what is no event: {_shown(line)}")
        data = line.removeprefix(b"data:").strip()
        if data == b"[DONE]":
            self.done = True
            return ()
        return self._event(data)

    def _event(self, data: bytes) -> Sequence[Piece]:
        try:
            event: Any = json.loads(data)
        except (ValueError, RecursionError):
            raise UpstreamFailed(f"it says what is no JSON: {_shown(data)}") from None
        if not is_object(event):
            raise UpstreamFailed(f"it says what is no JSON object: {_shown(data)}")
        if event.get("error"):
            raise UpstreamFailed(f"it says: {_shown(data)}")
        said: Any = event.get("model")
        if isinstance(said, str) and said and not same_model(said, self._model):
            raise UpstreamFailed(f"another model answered: {said[:100]!r} in place of {self._model!r}")
        self._count(event.get("usage"))
        choices: Any = event.get("choices")
        if not is_list(choices) or (not choices and not is_object(event.get("usage"))):
            raise UpstreamFailed(f"it says what is no completion: {_shown(data)}")
        return [piece for choice in choices for piece in self._choice(choice)]

    def _choice(self, choice: Any) -> Sequence[Piece]:
        if not is_object(choice) or not isinstance(choice.get("text"), str):
            raise UpstreamFailed(f"its choice has no text: {str(choice)[:100]}")
        text, finish = choice["text"], choice.get("finish_reason")
        if finish is not None:
            if finish not in ("stop", "length"):
                raise UpstreamFailed(f"its answer ended for another reason: {str(finish)[:100]}")
            self._finish = FinishReason.LENGTH if finish == "length" else FinishReason.STOP
        if not text:
            return ()
        self._pieces += 1
        return (Piece(text),)

    def _count(self, usage: Any) -> None:
        if is_object(usage):
            counts = [usage.get(name) for name in ("prompt_tokens", "completion_tokens")]
            prompt, answer = (n if isinstance(n, int) and n >= 0 else 0 for n in counts)
            self._usage = (prompt, answer)


def same_model(said: str, wanted: str) -> bool:
    """Tell whether a server's name for what answered is the name that was asked for: it may put a path before it, and a
    date or tag behind."""
    told, asked = (name.casefold().rsplit("/", 1)[-1].removesuffix(".gguf") for name in (said, wanted))
    return told == asked or any(told.startswith(asked + mark) for mark in ("-2", ":", "@"))


def _shown(data: bytes) -> str:
    return " ".join(data[:200].decode("utf-8", "replace").split())
