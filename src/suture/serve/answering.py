"""One request's answers on their way out: as one body, or as server-sent events. A client who leaves ends the work."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from suture.core.errors import SutureError
from suture.core.measure.served_record import AnswerOutcome
from suture.core.measure.speech import Piece
from suture.serve.api_error import ApiError, api_error_of
from suture.serve.door import Door
from suture.serve.drafts import AnswerDraft, Draft, Origin
from suture.serve.front import NOT_RECORDED, RECORD
from suture.serve.leaving import unless_left
from suture.serve.merging import merged
from suture.serve.replies import Choice, Head, Shape, new_id
from suture.serve.responder import Begun, Ended, Event, Inquiry
from suture.serve.who_answered import headers_of

EVENTS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",
}
DONE = b"data: [DONE]\n\n"


LATE = b": recorded late\n\n"
"""A comment, which clients pass over, before the end of a stream whose record is not committed yet."""
RECORD_SECONDS = 0.02
"""The end of an answer waits so long for its record."""


class _StoppedReading(Exception):
    pass


@dataclass
class Timed:
    """When an answer began and ended, in seconds from the request, and how many were made ``beside`` it."""

    first: float | None = None
    last: float | None = None
    beside: int = 0


class Answering:
    """An ASGI response. Until its first byte every error is a status; after it, an event.

    Whatever becomes of it is recorded once: what the engine said of an answer's end counts, not what the client's
    socket does afterwards.
    """

    def __init__(
        self,
        door: Door,
        shape: Shape,
        asked: Sequence[Inquiry],
        origin: Origin,
        *,
        stream: bool,
        include_usage: bool = False,
    ) -> None:
        self._door, self._shape, self._asked, self._origin = door, shape, asked, origin
        self._stream, self._include_usage = stream, include_usage
        self._started = door.clock()
        self._id = new_id(shape.prefix, int(self._started * 1000))
        self._heads: dict[int, Head] = {}
        self._choices = [Choice() for _ in asked]
        self._timed = [Timed() for _ in asked]
        self._opened = self._admitted = self._recorded = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        lost = AnswerOutcome.FAILED
        try:
            stayed = await unless_left(receive, self._answer(scope, send))
            lost = AnswerOutcome.COMPLETE if stayed else AnswerOutcome.LEFT
        except _StoppedReading:
            lost = AnswerOutcome.LEFT
        except asyncio.CancelledError:
            lost = AnswerOutcome.CUT
            raise
        finally:
            self._record(lost)

    async def _answer(self, scope: Scope, send: Send) -> None:
        with self._door.admission.enter(len(self._asked)):
            self._admitted = True
            if self._door.records is not None:
                scope[RECORD] = self._id if self._origin.wanted else NOT_RECORDED
            async with aclosing(merged([self._door.responder.respond(one) for one in self._asked])) as events:
                try:
                    await (self._send_events(events, send) if self._stream else self._send_body(events, send))
                except (ApiError, SutureError) as error:
                    said = error if isinstance(error, ApiError) else api_error_of(error)
                    await self._recorded_by_now(AnswerOutcome.FAILED, said)
                    if not self._opened:
                        raise
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
        if not await self._recorded_by_now(AnswerOutcome.COMPLETE):
            headers["x-suture-recorded"] = "late"
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
        if not await self._recorded_by_now(AnswerOutcome.COMPLETE):
            last = LATE + last
        await self._send(send, last + DONE, more=False)

    def _note(self, index: int, event: Event) -> None:
        timed = self._timed[index]
        if isinstance(event, Begun):
            self._heads[index] = Head(self._id, int(self._started), event)
            timed.beside = max(self._door.responder.load().speaking - 1, 0)
            return
        choice, model, seconds = self._choices[index], self._heads[index].begun.model, self._seconds()
        if timed.first is None and isinstance(event, Piece):
            timed.first = seconds
            self._door.meters.began(model, seconds)
        choice.add(event)
        if isinstance(event, Ended):
            timed.last = seconds
            self._door.meters.ended(model, event, seconds)

    async def _recorded_by_now(self, lost: AnswerOutcome, error: ApiError | None = None) -> bool:
        """Hand the record over and wait for it a little; False where it is not there by then."""
        done = self._record(lost, error)
        if done is None:
            return True
        waited, _ = await asyncio.wait({asyncio.wrap_future(done)}, timeout=RECORD_SECONDS)
        in_time = bool(waited) and waited.pop().result()
        if not in_time and self._door.records is not None:
            self._door.records.counts.late += 1
        return in_time

    def _record(self, lost: AnswerOutcome, error: ApiError | None = None) -> "Future[bool] | None":
        """Once; None where nothing is to be recorded, or was already.

        Args:
            lost: how those answers ended that did not come to their end.
        """
        if not self._admitted or self._recorded:
            return None
        self._recorded = True
        for index, choice in enumerate(self._choices):
            if choice.ended is None:
                self._door.meters.lost(self._who(index), lost.value)
        records = self._door.records
        if records is None:
            return None
        if not self._origin.wanted:
            records.counts.unwanted += len(self._asked)
            return None
        answers = tuple(self._draft(index, lost, error) for index in range(len(self._asked)))
        return records.offer(Draft(self._id, self._started, self._origin, self._stream, answers))

    def _who(self, index: int) -> str:
        """For the meters, whose labels are not strangers' to make: a name that is served, or none."""
        if index in self._heads:
            return self._heads[index].begun.model
        asked = self._asked[index].model
        return asked if any(one.name == asked for one in self._door.responder.models()) else "none"

    def _draft(self, index: int, lost: AnswerOutcome, error: ApiError | None) -> AnswerDraft:
        choice, timed, head = self._choices[index], self._timed[index], self._heads.get(index)
        ended = choice.ended is not None
        return AnswerDraft(
            asked=self._asked[index],
            begun=head.begun if head else None,
            ended=choice.ended,
            text=choice.text,
            outcome=AnswerOutcome.COMPLETE if ended else lost,
            error=None if ended else error,
            first_seconds=timed.first,
            seconds=self._seconds() if timed.last is None else timed.last,
            beside=timed.beside,
        )

    def _seconds(self) -> float:
        return max(self._door.clock() - self._started, 0.0)

    async def _open(self, send: Send, begun: Begun, headers: Mapping[str, str]) -> None:
        self._opened = True
        raw = [
            (name.encode(), value.encode("latin-1", "replace"))
            for name, value in {**headers, **headers_of(begun)}.items()
        ]
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
