"""The door's interface as an OpenAPI document, made from the types that requests are read with. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from suture.core.measure.modes import Mode
from suture.serve.chat_fields import ChatFields
from suture.serve.completion_fields import CompletionFields
from suture.serve.feedback_fields import FeedbackFields
from suture.serve.fields import Wire
from suture.serve.who_answered import MODE_HEADER

PLACE = "#/components/schemas/{model}"
_TEXT: Mapping[str, Any] = {"type": "string"}
_COUNT: Mapping[str, Any] = {"type": "integer", "minimum": 0}
_REFUSALS: Mapping[str, str] = {
    "400": "The request is wrong; `param` says where.",
    "408": "The body took too long.",
    "413": "The body is too long.",
    "415": "The body is no JSON by its content type.",
    "431": "The headers are too large.",
}
_FAILURES: Mapping[str, str] = {
    "500": "The engine failed, or its answer is not what the request could count on.",
    "502": "A server elsewhere failed.",
    "503": "Too many answers are made or wait, or the server is about to end.",
}
_NO_MODEL = {"404": "No such model, or nothing is recorded under this id."}
_NO_KEY = {"401": "No key, or a wrong one."}


def openapi_document(version: str, models: Sequence[str], *, keys: bool) -> dict[str, Any]:
    """Describe every path that clients may ask.

    Args:
        models: names that are served now.
        keys: whether a request needs one.
    """
    schemas: dict[str, Any] = {}
    posts = {
        "/v1/chat/completions": _answering(ChatFields, schemas, "Answer a chat.", "ChatCompletion"),
        "/v1/completions": _answering(CompletionFields, schemas, "Go on from a text.", "Completion"),
        "/v1/feedback": _post(FeedbackFields, schemas, "Say what an answer was worth.", _json("Claim")),
    }
    schemas[FeedbackFields.__name__] |= _CORRECTED
    for fields in (ChatFields, CompletionFields):
        schemas[fields.__name__]["properties"]["model"] = {"enum": list(models)}
    name = {"name": "name", "in": "path", "required": True, "schema": {"enum": list(models)}}
    gets = {
        "/v1/models": _get("List what is served.", _json("Models")),
        "/v1/models/{name}": _get("Tell of one model.", _json("Model"), _NO_MODEL) | {"parameters": [name]},
        "/health": _get("Tell whether all is well.", _json("Health"), {"503": "The server is about to end."}),
        "/metrics": _get("Tell what was counted, for Prometheus.", {"text/plain": {"schema": _TEXT}}),
        "/openapi.json": _get("Describe this interface.", {"application/json": {"schema": {"type": "object"}}}),
    }
    paths: dict[str, dict[str, Any]] = {path: {"post": made} for path, made in posts.items()} | {
        path: {"get": made} for path, made in gets.items()
    }
    if keys:
        for path, methods in paths.items():
            for made in methods.values() if path != "/health" else ():
                made |= {"security": [{"key": []}], "responses": made["responses"] | _errors(_NO_KEY)}
    components: dict[str, Any] = {"schemas": {**schemas, **_REPLIES}}
    if keys:
        components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    about = {"title": "What Suture serves", "version": version}
    return {"openapi": "3.1.0", "info": about, "paths": paths, "components": components}


def _answering(fields: type[Wire], schemas: dict[str, Any], what: str, reply: str) -> dict[str, Any]:
    streamed = {"text/event-stream": {"schema": {"description": "OpenAI's chunks, then `[DONE]`."}}}
    made = _post(fields, schemas, what, _json(reply) | streamed)
    mode = {"name": MODE_HEADER, "in": "header", "schema": {"enum": [mode.value for mode in Mode]}}
    return made | {"parameters": [mode | {"description": "A mode that lets fewer answer than the route's own."}]}


def _post(fields: type[Wire], schemas: dict[str, Any], what: str, content: Mapping[str, Any]) -> dict[str, Any]:
    schemas |= request_schemas(fields)
    body = {"required": True, "content": _json(fields.__name__)}
    told = _errors({**_REFUSALS, **_NO_MODEL, **_FAILURES})
    return {
        "summary": what,
        "requestBody": body,
        "responses": {"200": {"description": "Done.", "content": content}} | told,
    }


def _get(what: str, content: Mapping[str, Any], errors: Mapping[str, str] | None = None) -> dict[str, Any]:
    told = _errors({"431": _REFUSALS["431"], "503": _FAILURES["503"], **(errors or {})})
    return {"summary": what, "responses": {"200": {"description": "Done.", "content": content}} | told}


def request_schemas(fields: type[Wire]) -> dict[str, Any]:
    """JSON Schemas of a body and of what is in it, by name. A field that may be left out may be null."""
    made = fields.model_json_schema(ref_template=PLACE)
    inner: dict[str, Any] = made.pop("$defs", {})
    required = made.get("required", [])
    for name, schema in made["properties"].items():
        if name not in required and {"type": "null"} not in schema.get("anyOf", ()):
            made["properties"][name] = {"anyOf": [schema, {"type": "null"}]}
    return {fields.__name__: made, **inner}


def _json(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": PLACE.format(model=name)}}}


def _errors(told: Mapping[str, str]) -> dict[str, Any]:
    return {status: {"description": what, "content": _json("Error")} for status, what in told.items()}


def _object(required: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": {**required, **more}}


def _answer(kind: str) -> dict[str, Any]:
    usage = _object({"prompt_tokens": _COUNT, "completion_tokens": _COUNT, "total_tokens": _COUNT})
    choices = {"type": "array", "minItems": 1, "items": {"type": "object"}}
    who = {"model": _TEXT, "system_fingerprint": _TEXT}
    return _object(
        {"id": _TEXT, "object": {"const": kind}, "created": _COUNT, **who, "choices": choices, "usage": usage}
    )


_CORRECTED: Mapping[str, Any] = {
    "if": {"properties": {"verdict": {"const": "corrected"}}},
    "then": {"properties": {"correction": {"type": "string"}}, "required": ["correction"]},
    "else": {"properties": {"correction": {"type": "null"}}},
}
_MODEL = _object({"id": _TEXT, "object": {"const": "model"}, "created": _COUNT, "owned_by": _TEXT})
_NULLABLE = {"type": ["string", "null"]}
_REPLIES: Mapping[str, Any] = {
    "ChatCompletion": _answer("chat.completion"),
    "Completion": _answer("text_completion"),
    "Model": _MODEL,
    "Models": _object({"object": {"const": "list"}, "data": {"type": "array", "items": _MODEL}}),
    "Claim": {"type": "object"},
    "Health": _object({"status": {"enum": ["ok", "degraded", "draining"]}, "models": {"type": "object"}}),
    "Error": _object({"error": _object({"message": _TEXT, "type": _TEXT, "param": _NULLABLE, "code": _NULLABLE})}),
}
