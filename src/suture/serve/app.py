"""The door's routes: OpenAI's interface, what is alive, and what was counted."""

import asyncio
from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from suture.core.errors import SutureError, UnknownName
from suture.core.measure.modes import mode_named
from suture.core.measure.steered import SteeredPolicy
from suture.serve.answering import Answering
from suture.serve.api_error import ApiError, api_error_of, invalid, no_such_model, overloaded
from suture.serve.bodies import Bodies
from suture.serve.chat_fields import ChatFields
from suture.serve.completion_fields import CompletionFields
from suture.serve.door import Door
from suture.serve.drafts import VERSION, Origin
from suture.serve.feedback_fields import FeedbackFields, feedback_body
from suture.serve.fields import SamplingFields, choices, read_fields
from suture.serve.front import KEY, Front, error_response
from suture.serve.openapi import openapi_document
from suture.serve.replies import ChatShape, CompletionShape, Shape
from suture.serve.responder import Inquiry, ServedModel
from suture.serve.steering import RouteShown
from suture.serve.who_answered import MODE_HEADER
from suture.store.clock import now

FEEDBACK_SECONDS = 10.0
"""Until what a client says of an answer must be written."""


def create_app(door: Door) -> ASGIApp:
    """An ASGI app; what it needs to end is the responder's to close."""
    door.meters.watch(door.responder, door.records, door.steered)
    routes = _Routes(door)
    app = Starlette(
        routes=[
            Route("/health", routes.health),
            Route("/metrics", routes.metrics),
            Route("/openapi.json", routes.openapi),
            Route("/v1/models", routes.models),
            Route("/v1/models/{name:path}", routes.model),
            Route("/v1/chat/completions", routes.chat, methods=["POST"]),
            Route("/v1/completions", routes.completions, methods=["POST"]),
            Route("/v1/feedback", routes.feedback, methods=["POST"]),
        ],
        exception_handlers={
            ApiError: _on_api_error,
            SutureError: _on_suture_error,
            HTTPException: _on_http_error,
            Exception: _on_unforeseen,
        },
    )
    return Front(app, door)


class _Routes:
    def __init__(self, door: Door) -> None:
        self._door, self._bodies = door, Bodies(door.limits)

    async def health(self, request: Request) -> Response:
        closed, load = self._door.admission.closed, self._door.responder.load()
        packs = {model.name: model.pack for model in self._door.responder.models()}
        records = self._door.records
        trouble = records.trouble if records else ""
        troubles = self._door.responder.troubles()
        status = "draining" if closed else "degraded" if trouble or troubles else "ok"
        told: dict[str, Any] = {"status": status, "models": packs, "waiting": load.waiting, "speaking": load.speaking}
        told["records"] = f"not written: {trouble}" if trouble else "ok" if records else "off"
        told |= {"troubles": dict(troubles)} if troubles else {}
        shown = {
            one.route: {policy.name: _trusted(one, policy) for policy in one.policies} for one in self._door.steered()
        }
        told |= {"routes": shown} if shown else {}
        return JSONResponse(told, status_code=503 if closed else 200)

    async def metrics(self, request: Request) -> Response:
        return Response(self._door.meters.text(), media_type="text/plain; version=1.0.0; charset=utf-8")

    async def openapi(self, request: Request) -> Response:
        names = [one.name for one in self._door.responder.models()]
        return JSONResponse(openapi_document(VERSION, names, keys=bool(self._door.keys)))

    async def models(self, request: Request) -> Response:
        return JSONResponse({"object": "list", "data": [_described(one) for one in self._door.responder.models()]})

    async def model(self, request: Request) -> Response:
        name = request.path_params["name"]
        for one in self._door.responder.models():
            if one.name == name:
                return JSONResponse(_described(one))
        raise no_such_model(name)

    async def chat(self, request: Request) -> Answering:
        body = await self._bodies.read(request)
        fields = read_fields(ChatFields, body)
        self._require_budget(fields.most_tokens)
        asked = fields.to_asked().model_copy(update=_how(request, fields))
        origin = self._origin(request, fields, body, "chat")
        return self._answering(fields, ChatShape(fields.n, asked.alternatives), choices(asked, fields.n), origin)

    async def completions(self, request: Request) -> Answering:
        body = await self._bodies.read(request)
        fields = read_fields(CompletionFields, body)
        self._require_budget(fields.most_tokens)
        how = _how(request, fields)
        prompts = [prompt.model_copy(update=how) for prompt in fields.to_asked()]
        asked = [one for prompt in prompts for one in choices(prompt, fields.n)]
        echoes = [str(one.prompt) if fields.echo else "" for one in asked]
        origin = self._origin(request, fields, body, "completion")
        return self._answering(fields, CompletionShape(fields.n, fields.logprobs, echoes), asked, origin)

    async def feedback(self, request: Request) -> Response:
        fields = read_fields(FeedbackFields, await self._bodies.read(request))
        claim = fields.to_claim(request.scope.get(KEY, ""), now())
        if self._door.records is None:
            raise ApiError(404, "Nothing is recorded here.", code="not_recorded")
        kept = asyncio.wrap_future(self._door.records.claim(claim))
        try:
            async with asyncio.timeout(FEEDBACK_SECONDS):
                if not await kept:
                    raise overloaded("It could not be written.")
        except UnknownName as error:
            said = "no record of" if error.kind == "record" else "nothing of yours to be taken back on"
            raise ApiError(404, f"There is {said} {fields.id!r}.", param="id", code="not_recorded") from None
        except TimeoutError:
            raise overloaded("It was not written in time.") from None
        return JSONResponse(feedback_body(claim))

    def _origin(self, request: Request, fields: SamplingFields, body: bytes, interface: str) -> Origin:
        key = request.scope.get(KEY, "")
        wanted = fields.store is not False and key not in self._door.keys.unrecorded
        return Origin(body, interface, key, wanted=wanted)

    def _answering(self, fields: SamplingFields, shape: Shape, asked: Sequence[Inquiry], origin: Origin) -> Answering:
        include_usage = fields.stream_options.include_usage
        return Answering(self._door, shape, asked, origin, stream=fields.stream, include_usage=include_usage)

    def _require_budget(self, tokens: int | None) -> None:
        most = self._door.limits.answer_tokens
        if most is not None and tokens is not None and tokens > most:
            raise invalid(f"An answer may have {most} tokens here.", "max_tokens")


def _how(request: Request, fields: SamplingFields) -> dict[str, Any]:
    """What a request says beside its body. Raises ApiError: no such mode."""
    wanted = request.headers.get(MODE_HEADER)
    try:
        mode = None if wanted is None else mode_named(wanted.strip())
    except UnknownName as error:
        raise invalid(str(error), MODE_HEADER) from None
    return {"streamed": fields.stream, "mode": mode}


def _trusted(route: RouteShown, policy: SteeredPolicy) -> dict[str, Any]:
    """How much a route trusts a policy, and how often it asks it."""
    circuit = "open" if policy.name in route.open else "closed"
    return {"conductance": round(policy.conductance, 3), "share": round(policy.share, 3), "circuit": circuit}


def _described(model: ServedModel) -> dict[str, Any]:
    """As OpenAI does, and under ``suture`` what answers under the name."""
    told = {"id": model.name, "object": "model", "created": model.since, "owned_by": "suture"}
    return told | {"suture": {"pack": model.pack, **model.about}}


async def _on_api_error(request: Request, error: Exception) -> Response:
    return error_response(error) if isinstance(error, ApiError) else await _on_unforeseen(request, error)


async def _on_suture_error(request: Request, error: Exception) -> Response:
    return (
        error_response(api_error_of(error)) if isinstance(error, SutureError) else await _on_unforeseen(request, error)
    )


async def _on_http_error(request: Request, error: Exception) -> Response:
    """Of the routes: no such path, or not by this method."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    codes = {404: "not_found", 405: "method_not_allowed"}
    said = f"{request.method} {request.url.path}: {'no such path' if status == 404 else 'not by this method'}"
    headers = error.headers if isinstance(error, HTTPException) else None
    return error_response(ApiError(status, said, code=codes.get(status), headers=headers))


async def _on_unforeseen(request: Request, error: Exception) -> Response:
    """The traceback goes to the log; the client gets no word of it."""
    return error_response(ApiError(500, "Something failed inside the server.", kind="server_error", code="internal"))
