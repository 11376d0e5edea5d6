"""Writes records in OpenTelemetry's names for generative AI, as OTLP JSON: one line that a collector reads per record.

Names are those of the semantic conventions (https://opentelemetry.io/docs/specs/semconv/gen-ai/), which are not final;
what they have no name for stands under ``suture.``. One answer is one span, what was said of it is an event of it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from suture.core.digest import digest_of
from suture.core.json_types import is_list, is_object
from suture.core.measure.served_record import AnswerOutcome, Claim, RecordedAnswer, Reward, ServedRecord

OK, ERROR, INTERNAL = 1, 2, 1
"""OTLP's numbers of a status, and of the kind of a span whose model runs in the same process."""
OPERATIONS = {"chat": "chat", "completion": "text_completion"}


def spans_line(record: ServedRecord, claims: Sequence[Claim], rewards: Sequence[Reward]) -> dict[str, Any]:
    """One record as OTLP's ``TracesData``."""
    spans = [
        _span(record, choice, answer, [*_said(claims, choice), *_found(rewards, choice)])
        for choice, answer in enumerate(record.answers)
    ]
    resource = {"attributes": _attributes({"service.name": "suture", "service.version": record.suture})}
    scopes = [{"scope": {"name": "suture", "version": record.suture}, "spans": spans}]
    return {"resourceSpans": [{"resource": resource, "scopeSpans": scopes}]}


def _span(
    record: ServedRecord, choice: int, answer: RecordedAnswer, events: Sequence[tuple[str, Mapping[str, Any]]]
) -> dict[str, Any]:
    begun = int(datetime.fromisoformat(record.received).timestamp() * 1e9)
    ended = begun + int(answer.seconds * 1e9)
    status = {"code": OK if answer.outcome is AnswerOutcome.COMPLETE else ERROR}
    return {
        "traceId": digest_of(["trace", record.id])[:32],
        "spanId": digest_of(["span", record.id, choice])[:16],
        "name": f"{OPERATIONS[record.interface]} {record.model}",
        "kind": INTERNAL,
        "startTimeUnixNano": str(begun),
        "endTimeUnixNano": str(ended),
        "attributes": _attributes(dict(_of(record, choice, answer))),
        "events": [
            {"timeUnixNano": str(_nanoseconds(told["at"])), "name": name, "attributes": _attributes(told["what"])}
            for name, told in events
        ],
        "status": status,
    }


def _of(record: ServedRecord, choice: int, answer: RecordedAnswer) -> Iterator[tuple[str, Any]]:
    request, sampling = record.request, answer.sampling
    yield "gen_ai.operation.name", OPERATIONS[record.interface]
    yield "gen_ai.provider.name", "suture"
    yield "gen_ai.request.model", record.model
    yield "gen_ai.request.stream", record.stream
    yield "gen_ai.request.temperature", sampling.temperature
    yield "gen_ai.request.top_p", sampling.top_p
    yield "gen_ai.request.seed", sampling.seed
    yield "gen_ai.request.choice.count", len(record.answers)
    for field in ("frequency_penalty", "presence_penalty"):
        if field in request:
            yield f"gen_ai.request.{field}", request[field]
    given = answer.how.given if answer.how else None
    if given is not None:
        yield "gen_ai.request.stop_sequences", list(given.stop)
        if given.max_tokens is not None:
            yield "gen_ai.request.max_tokens", given.max_tokens
        yield "suture.pack", given.pack
        yield "suture.prompt.digest", given.prompt_digest
    if is_object(request.get("response_format")):
        yield "gen_ai.output.type", "text" if request["response_format"].get("type") == "text" else "json"
    if request.get("tools"):
        yield "gen_ai.tool.definitions", json.dumps(request["tools"], ensure_ascii=False)
    yield "gen_ai.response.id", record.id
    yield "suture.choice", choice
    if answer.model:
        yield "gen_ai.response.model", answer.model
    if answer.finish is not None:
        yield "gen_ai.response.finish_reasons", [_finish(answer)]
        yield "gen_ai.usage.input_tokens", answer.prompt_tokens
        yield "gen_ai.usage.output_tokens", answer.tokens
    if answer.first_seconds is not None:
        yield "gen_ai.response.time_to_first_chunk", answer.first_seconds
    yield "gen_ai.input.messages", json.dumps(_input(request), ensure_ascii=False)
    yield "gen_ai.output.messages", json.dumps([_output(answer)], ensure_ascii=False)
    yield "suture.outcome", answer.outcome.value
    if answer.error is not None:
        yield "error.type", answer.error.code or str(answer.error.status)
    if answer.how is not None:
        how = answer.how
        told = {"route": how.route, "mode": how.mode, "policy": how.policy, "fallback": how.fallback}
        yield from ((f"suture.{name}", value) for name, value in told.items() if value)
        known = {"registry.event": how.event, "conductance": how.conductance, "propensity": how.propensity}
        yield from ((f"suture.{name}", value) for name, value in known.items() if value is not None)


def _said(claims: Sequence[Claim], choice: int) -> Iterator[tuple[str, dict[str, Any]]]:
    for claim in claims:
        if claim.choice == choice:
            what = {"gen_ai.evaluation.name": "feedback", "gen_ai.evaluation.score.label": claim.opinion.value}
            said = {"gen_ai.evaluation.explanation": claim.comment} if claim.comment else {}
            yield "gen_ai.evaluation.result", {"at": claim.at, "what": what | said | {"suture.by": claim.by}}


def _found(rewards: Sequence[Reward], choice: int) -> Iterator[tuple[str, dict[str, Any]]]:
    for reward in rewards:
        if reward.choice == choice:
            what = {"gen_ai.evaluation.name": "reward", "gen_ai.evaluation.score.value": float(reward.value)}
            told = what | {"gen_ai.evaluation.explanation": reward.why}
            yield "gen_ai.evaluation.result", {"at": reward.at, "what": told}


def _input(request: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Messages in the parts of the conventions; a prompt is a user's."""
    if "messages" not in request:
        prompt = request.get("prompt")
        text = prompt if isinstance(prompt, str) else json.dumps(prompt, ensure_ascii=False)
        return [{"role": "user", "parts": [{"type": "text", "content": text}]}]
    return [{"role": said.get("role"), "parts": _parts(said)} for said in request["messages"]]


def _parts(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    content = said.get("content")
    texts = [part.get("text") for part in content] if is_list(content) else [content]
    if said.get("role") == "tool":
        return [{"type": "tool_call_response", "id": said.get("tool_call_id"), "response": text} for text in texts]
    parts: list[dict[str, Any]] = [{"type": "text", "content": text} for text in texts if text is not None]
    for call in said.get("tool_calls") or ():
        function = call.get("function", {})
        called = {"name": function.get("name"), "arguments": function.get("arguments")}
        parts.append({"type": "tool_call", "id": call.get("id"), **called})
    return parts


def _output(answer: RecordedAnswer) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"type": "text", "content": answer.text}] if answer.text else []
    parts.extend({"type": "tool_call", "name": call.name, "arguments": call.arguments_text} for call in answer.calls)
    return {"role": "assistant", "parts": parts, "finish_reason": _finish(answer)}


def _finish(answer: RecordedAnswer) -> str:
    if answer.finish is None:
        return "error"
    return "tool_call" if answer.calls else answer.finish.value


def _attributes(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in values.items()]


def _value(value: Any) -> dict[str, Any]:
    """A value as OTLP writes it in JSON; whole numbers are texts there."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if is_list(value):
        return {"arrayValue": {"values": [_value(one) for one in value]}}
    return {"stringValue": str(value)}


def _nanoseconds(at: str) -> int:
    return int(datetime.fromisoformat(at).timestamp() * 1e9)
