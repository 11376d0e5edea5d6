"""What llama.cpp's completions take and stream, in Suture's terms. Pure."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from suture.core.errors import Fault
from suture.core.json_types import is_object
from suture.core.measure.attempt import AdapterUse, FinishReason
from suture.core.measure.speech import Ending, Piece, PromptTooLong, RefusedByEngine, Scored, Speech, Token
from suture.engines.held_schema import held_schema


def body_of(speech: Speech, adapters: Sequence[str] = ()) -> bytes:
    """Every field is stated here: nothing of a client's request goes on by itself.

    Args:
        adapters: those that were loaded beside the pack, in their order.

    Raises:
        Fault: an adapter that was not loaded.
    """
    body: dict[str, Any] = {
        "prompt": speech.prompt,
        "max_tokens": -1 if speech.max_tokens is None else speech.max_tokens,
        "temperature": speech.sampling.temperature,
        "top_p": speech.sampling.top_p,
        "seed": speech.sampling.seed,
        "frequency_penalty": speech.frequency_penalty,
        "presence_penalty": speech.presence_penalty,
        "logit_bias": speech.logit_bias,
        "stop": speech.stop,
        "cache_prompt": False,  # a cached prefix was rounded in another batch
        "lora": lora(speech.adapter, adapters),
        "stream": True,
        "stream_options": {"include_usage": True},
        "return_progress": True,  # else nothing is heard, and nothing can be stopped, while a prompt is read
    }
    if speech.alternatives is not None:
        body["n_probs"] = max(speech.alternatives, 1)
    if speech.schema_text is not None:
        body["json_schema"] = held_schema(json.loads(speech.schema_text))
    return json.dumps(body).encode()


def read_chunk(chunk: bytes) -> Sequence[Piece | Ending]:
    """The parts that a chunk carries; none where it only tells of progress.

    Raises:
        PromptTooLong, RefusedByEngine, Fault: it carries an error.
    """
    try:
        value: Any = json.loads(chunk.decode("utf-8", "replace"))
    except ValueError as error:
        raise Fault(f"the engine said what is no JSON: {error}") from error
    if is_object(value) and "error" in value:
        raise _error(value["error"])
    if not (is_object(value) and value.get("choices")):
        raise Fault(f"the engine said neither a piece nor an error: {str(value)[:200]}")
    if "prompt_progress" in value:
        return ()
    choice: Any = value["choices"][0]
    parts: list[Piece | Ending] = []
    logprobs: Any = choice.get("logprobs")
    tokens = tuple(_token(entry) for entry in logprobs["content"]) if is_object(logprobs) else ()
    if choice["text"] or tokens:
        parts.append(Piece(choice["text"], tokens))
    if choice["finish_reason"] is not None:
        finish = FinishReason.LENGTH if choice["finish_reason"] == "length" else FinishReason.STOP
        usage = value["usage"]
        parts.append(Ending(finish, usage["prompt_tokens"], usage["completion_tokens"]))
    return parts


def lora(use: AdapterUse | None, adapters: Collection[str]) -> list[dict[str, float]]:
    """An adapter as llama.cpp is told of it. Raises Fault: it was not loaded with the pack."""
    if use is None:
        return []
    if use.sha256 not in adapters:
        raise Fault(f"adapter {use.sha256[:12]} is not loaded beside the pack")
    return [{"id": list(adapters).index(use.sha256), "scale": use.scale}]


def _error(said: Any) -> PromptTooLong | RefusedByEngine | Fault:
    if not is_object(said):
        return Fault(f"the engine failed: {said}")
    if said.get("type") == "exceed_context_size_error":
        return PromptTooLong(said["n_prompt_tokens"], said["n_ctx"])
    if said.get("code") == 400:
        return RefusedByEngine(str(said.get("message")))
    return Fault(f"the engine failed: {said.get('message')}")


def _token(entry: Any) -> Token:
    return Token(_scored(entry), tuple(_scored(other) for other in entry.get("top_logprobs") or ()))


def _scored(entry: Any) -> Scored:
    return Scored(entry["token"], entry["logprob"], tuple(entry["bytes"] or ()))
