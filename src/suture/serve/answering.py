"""One request's answers on their way out: as one body, or as server-sent events. A client who leaves ends the work."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from suture.core.errors import SutureError
from suture.core.measure.speech import Piece
from suture.serve.api_error import ApiError, api_error_of
from suture.serve.door import Door
from suture.serve.leaving import unless_left
from suture.serve.merging import merged
from suture.serve.replies import Choice, Head, Shape, new_id
from suture.serve.responder import Begun, Ended, Event, Inquiry

EVENTS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",
}
DONE = b"data: [DONE]\n\n"


class _StoppedReading(Exception):
    pass


class Answering:
    """An ASGI response. Until its first byte every error is a status; after it, an event."""

    def __init__(
        self, door: Door, shape: Shape, asked: Sequence[Inquiry], *, stream: bool, include_usage: bool = False
    ) -> None:
        self._door, self._shape, self._asked = door, shape, asked
        self._stream, self._include_usage = stream, include_usage
        self._started = door.clock()
        self._id = new_id(shape.prefix, int(self._started * 1000))
        self._heads: dict[int, Head] = {}
        self._choices = [Choice() for _ in asked]
        self._opened = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            stayed = await unless_left(receive, self._answer(send))
        except _StoppedReading:
            stayed = False
        if not stayed:
            self._lost("left")

    async def _answer(self, send: Send) -> None:
        with self._door.admission.enter(len(self._asked)):
            async with aclosing(merged([self._door.responder.respond(one) for one in self._asked])) as events:
                try:
                    await (self._send_events(events, send) if self._stream else self._send_body(events, send))
                except (ApiError, SutureError) as error:
                    self._lost("failed")
                    if not self._opened:
                        raise
                    said = error if isinstance(error, ApiError) else api_error_of(error)
                    await self._send(send, _event(said.to_json()), more=False)
                except asyncio.CancelledError:
                    if self._opened and self._door.admission.closed:
                        cut = ApiError(503, "The server ended.", kind="server_error", code="draining")
                        await self._send(send, _event(cut.to_json()), more=False)
                    raise

    async def _send_body(self, events: AsyncGenerator[tuple[int, Event]], send: Send) -> None:
        async for index, event in events:
            self._note(index, event)
        body = json.dumps(self._shape.body(self._heads[0], self._choices), ensure_ascii=False).encode()
        headers = {"content-type": "application/json", "content-length": str(len(body))}
        await self._open(send, self._heads[0].begun, headers)
        await self._send(send, body, more=False)

    async def _send_events(self, events: AsyncGenerator[tuple[int, Event]], send: Send) -> None:
        async for index, event in events:
            self._note(index, event)
            if isinstance(event, Begun):
                continue
            head, choice = self._heads[index], self._choices[index]
            if not self._opened:
                await self._open(send, head.begun, EVENTS)
            chunks = self._shape.chunks(head, index, choice, event)
            await self._send(send, b"".join(map(_event, chunks)))
        last = _event(self._shape.last_chunk(self._heads[0], self._choices)) if self._include_usage else b""
        await self._send(send, last + DONE, more=False)

    def _note(self, index: int, event: Event) -> None:
        if isinstance(event, Begun):
            self._heads[index] = Head(self._id, int(self._started), event)
            return
        choice, model, seconds = self._choices[index], self._heads[index].begun.model, self._seconds()
        if not choice.text and isinstance(event, Piece):
            self._door.meters.began(model, seconds)
        choice.add(event)
        if isinstance(event, Ended):
            self._door.meters.ended(model, event, seconds)

    def _lost(self, outcome: str) -> None:
        for index, choice in enumerate(self._choices):
            if choice.ended is None:
                model = self._heads[index].begun.model if index in self._heads else self._asked[index].model
                self._door.meters.lost(model, outcome)

    def _seconds(self) -> float:
        return max(self._door.clock() - self._started, 0.0)

    async def _open(self, send: Send, begun: Begun, headers: Mapping[str, str]) -> None:
        self._opened = True
        who = {"x-suture-model": begun.model, "x-suture-pack": begun.pack}
        raw = [(name.encode(), value.encode("latin-1", "replace")) for name, value in {**headers, **who}.items()]
        await self._sent(send, {"type": "http.response.start", "status": 200, "headers": raw})

    async def _send(self, send: Send, data: bytes, *, more: bool = True) -> None:
        await self._sent(send, {"type": "http.response.body", "body": data, "more_body": more})

    async def _sent(self, send: Send, message: Message) -> None:
        """Raises _StoppedReading: the client has read nothing for so long that it counts as having left."""
        try:
            async with asyncio.timeout(self._door.limits.send_seconds):
                await send(message)
        except TimeoutError:
            raise _StoppedReading from None


def _event(chunk: Mapping[str, Any]) -> bytes:
    return b"data: " + json.dumps(chunk, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"
