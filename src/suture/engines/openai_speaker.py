"""A server elsewhere (any OpenAI-compatible one) as a ``Speaker``, through ``/v1/completions``.

Prompts are rendered here, as engine ``openai`` has them in a bench. Nothing is tried again: who asks has another model
to ask, or a client who may.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import httpx2 as httpx

from suture.core.measure.attempt import EngineIdentity, FinishReason
from suture.core.measure.speech import Ending, Load, Piece, Speech, UpstreamFailed
from suture.engines.openai import client_options, host_of
from suture.engines.openai_events import EventReader, completion_body
from suture.engines.slot_queue import SlotQueue
from suture.engines.stop_strings import StopWatch

TIMEOUT_S = 60.0
"""Until it begins to answer, and between two pieces."""
CONNECT_S = 5.0
WHOLE_S = 600.0
"""For the whole answer, however steadily it drips."""
UNKNOWN_CONTEXT = 2**31


class OpenAISpeaker:
    """See the port for its laws.

    Attributes:
        slots: requests under way at once; more wait.
        context: unknown here: it is the server that refuses a prompt that is too long.
    """

    def __init__(
        self,
        url: str,
        identity: EngineIdentity,
        *,
        slots: int = 8,
        max_tokens: int = 256,
        timeout: float = TIMEOUT_S,
        whole: float = WHOLE_S,
    ) -> None:
        """
        Args:
            max_tokens: of an answer for which nobody says a number.

        Raises:
            UsageError: the key in the environment is none.
        """
        self.identity, self.slots, self.context = identity, slots, UNKNOWN_CONTEXT
        self._host, self._max_tokens, self._whole = host_of(url), max_tokens, whole
        limits = httpx.Timeout(timeout, connect=min(CONNECT_S, timeout))
        self._options = client_options(url, timeout=limits, connections=slots)
        self._client: httpx.AsyncClient | None = None
        self._queue = SlotQueue(slots)

    def load(self) -> Load:
        return self._queue.load()

    async def speak(self, speech: Speech) -> AsyncGenerator[Piece | Ending]:
        """See the port. Raises UpstreamFailed: no whole answer came."""
        body = completion_body(speech, self.identity.model or "", max_tokens=self._max_tokens)
        await self._queue.take()
        try:
            async with aclosing(self._parts(body, speech)) as parts:
                async for part in parts:
                    yield part
        except httpx.HTTPError as error:
            raise UpstreamFailed(f"{self._host} did not answer: {type(error).__name__}") from error
        except TimeoutError as error:
            raise UpstreamFailed(f"{self._host} did not answer in {self._whole:.0f} s") from error
        except UpstreamFailed as error:
            raise UpstreamFailed(f"{self._host}: {error}") from error
        finally:
            self._queue.give_back()

    async def _parts(self, body: dict[str, Any], speech: Speech) -> AsyncGenerator[Piece | Ending]:
        if self._client is None:
            self._client = httpx.AsyncClient(**self._options)
        reader, watch = EventReader(self.identity.model or ""), StopWatch(speech.stop)
        ends = asyncio.get_running_loop().time() + self._whole
        async with self._client.stream("POST", "completions", json=body) as reply:
            if reply.status_code != 200:
                raise UpstreamFailed(f"it answered {reply.status_code}")
            reader.streamed = reply.headers.get("content-type", "").startswith("text/event-stream")
            chunks = reply.aiter_bytes()
            while not (reader.done or watch.met) and (data := await _next(chunks, ends)) is not None:
                for piece in reader.feed(data):
                    if said := watch.feed(piece.text):
                        yield Piece(said)
        for piece in reader.end():
            if said := watch.feed(piece.text):
                yield Piece(said)
        ending = Ending(FinishReason.STOP, 0, 0) if watch.met else reader.ending()
        if rest := watch.rest():
            yield Piece(rest)
        yield ending

    def close(self) -> None:
        """The connections are the event loop's, and end with it."""
        self._client = None


async def _next(chunks: Any, ends: float) -> bytes | None:
    """The next bytes; None at the end. Raises TimeoutError: the whole answer takes too long."""
    async with asyncio.timeout_at(ends):
        return await anext(chunks, None)
