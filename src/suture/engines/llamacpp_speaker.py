"""llama.cpp in this process as a ``Speaker``: a thread for each slot, pieces into the event loop as they are made."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from suture.core.errors import Fault, SutureError
from suture.core.measure.attempt import EngineIdentity
from suture.core.measure.speech import Ending, Load, Piece, Speech
from suture.engines.llamacpp_chunks import body_of, read_chunk
from suture.engines.llamacpp_server import LlamaServer
from suture.engines.mailroom import Mailroom
from suture.engines.slot_queue import SlotQueue

LOOK_UP_AFTER = 512
"""Tokens of a prompt read before looking whether its caller is still there; llama.cpp computes so many at once anyway,
so that the answer is the same as without looking up."""


class LlamaCppSpeaker:
    """One pack. See the port for its laws.

    Nothing waits inside llama.cpp, where a request cannot be taken back: a caller gets a slot first.
    """

    def __init__(
        self,
        pack: Path,
        identity: EngineIdentity,
        *,
        slots: int,
        context: int,
        adapters: Mapping[str, Path] | None = None,
    ) -> None:
        """
        Args:
            adapters: GGUF LoRA files by the SHA-256 that questions name them with.

        Raises:
            MissingTool: xllamacpp is not installed.
            BadFile: llama.cpp cannot load the pack, or an adapter beside it.
        """
        self.identity, self.slots, self.context = identity, slots, context
        self._adapters = tuple(adapters or ())
        self._server = LlamaServer(
            pack,
            threads=identity.threads,
            slots=slots,
            context=context,
            adapters=list((adapters or {}).values()),
            prompt_step=LOOK_UP_AFTER,
        )
        self._threads = ThreadPoolExecutor(slots, thread_name_prefix="speaker")
        self._queue, self._answers = SlotQueue(slots), set[_Answer]()
        self._mailroom: Mailroom | None = None

    def load(self) -> Load:
        return self._queue.load()

    async def speak(self, speech: Speech) -> AsyncGenerator[Piece | Ending]:
        """See the port."""
        body = body_of(speech, self._adapters)
        await self._queue.take()
        answer = self._begin(body)
        try:
            while True:
                for part in await answer.gathered():
                    yield part
                    if isinstance(part, Ending):
                        return
        finally:
            answer.leave()

    def _begin(self, body: bytes) -> "_Answer":
        """In a slot that is free, which it gives back when the engine has let go of it."""
        if self._mailroom is None:
            self._mailroom = Mailroom()
        answer = _Answer(self._server, self._mailroom, body)
        self._answers.add(answer)
        running = asyncio.get_running_loop().run_in_executor(self._threads, answer.run)
        running.add_done_callback(lambda _: self._end(answer))
        return answer

    def _end(self, answer: "_Answer") -> None:
        self._answers.discard(answer)
        self._queue.give_back()

    def close(self) -> None:
        """See the port."""
        for answer in list(self._answers):
            answer.leave()
        self._threads.shutdown()
        self._server.close()


class _Answer:
    """One answer: ``run`` in a thread of the engine's, everything else in the event loop."""

    def __init__(self, server: LlamaServer, mailroom: Mailroom, body: bytes) -> None:
        self._server, self._mailroom, self._body = server, mailroom, body
        self._inbox: asyncio.Queue[Piece | Ending | SutureError] = asyncio.Queue()
        self._left = threading.Event()
        self._over = False

    def run(self) -> None:
        said = "it ended an answer before its end"
        try:
            if not self._left.is_set():
                self._server.stream(self._body, self._receive)
        except (RuntimeError, ValueError) as error:
            said = str(error)
        finally:  # whatever happens, nobody waits for ever
            if not self._over:
                self._post(Fault(f"the engine failed: {said}"))

    def _receive(self, chunk: bytes | None) -> bool:
        """Anything true ends the answer in llama.cpp, so this returns a bool and nothing else."""
        if chunk is not None and not self._left.is_set():
            try:
                parts = read_chunk(chunk)
            except SutureError as error:
                self._over = True
                return not self._post(error)
            for part in parts:
                self._over = self._over or isinstance(part, Ending)
                if not self._post(part):
                    return True
        return self._left.is_set()

    def _post(self, part: Piece | Ending | SutureError) -> bool:
        return self._mailroom.post(self._inbox, part)

    def leave(self) -> None:
        """At its next look-up llama.cpp stops; what it says until then is not read."""
        self._left.set()

    async def gathered(self) -> Sequence[Piece | Ending]:
        """All that was said since last time, neighbouring pieces as one."""
        parts = [await self._inbox.get()]
        while not self._inbox.empty():
            parts.append(self._inbox.get_nowait())
        joined: list[Piece | Ending] = []
        for part in parts:
            if isinstance(part, SutureError):
                raise part
            last = joined[-1] if joined else None
            if isinstance(part, Piece) and isinstance(last, Piece):
                joined[-1] = Piece(last.text + part.text, last.tokens + part.tokens)
            else:
                joined.append(part)
        return joined
