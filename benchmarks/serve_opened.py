"""A door as `suture serve` opens it, the engine behind it, and clients: what the benchmark of the door measures."""

import asyncio
import gc
import json
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from suture.core.measure.attempt import Sampling
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.speech import Ending, Load, Piece, Speech
from suture.core.measure.task import Message
from suture.core.plan.speaker import Speaker
from suture.router.router import Router
from suture.router.written import routes_of_one
from suture.serve.admission import Admission
from suture.serve.door import Door
from suture.serve.record_writer import RecordWriter
from suture.serve.serving import listen, server_for
from suture.store.home import Home
from suture.wiring.live_serving import open_live
from suture.wiring.serve import Serving
from suture.wiring.serve_models import ModelLoader, Wanted

CLIENTS = Path(__file__).with_name("serve_clients.py")
SAYS = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello."}]
ENDS = {"0": -100, "2": -100}
"""SmolLM2's tokens that end an answer, kept out, so that every answer has as many tokens as it may."""


@dataclass
class TimedSpeaker:
    """The engine, with the seconds that it took for each answer."""

    inner: Speaker
    seconds: list[float] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def load(self) -> Load:
        return self.inner.load()

    async def speak(self, speech: Speech) -> AsyncGenerator[Piece | Ending]:
        began = time.perf_counter()
        async with aclosing(self.inner.speak(speech)) as said:
            async for part in said:
                if isinstance(part, Ending):
                    self.seconds.append(time.perf_counter() - began)
                yield part


class Bench:
    """A door, its engine, and clients of it. ``speech``: what the engine is asked for a client's ``body``."""

    def __init__(self, model: str, speaker: TimedSpeaker, template: ChatTemplate, clients: Any) -> None:
        self._model, self.speaker, self._template, self._clients = model, speaker, template, clients

    def body(self, tokens: int, *, stream: bool) -> dict:
        more = {"stream_options": {"include_usage": True}} if stream else {}
        return {
            "model": self._model,
            "messages": SAYS,
            "max_tokens": tokens,
            "stream": stream,
            "logit_bias": ENDS,
        } | more

    async def door(self, tokens: int, *, clients: int, each: int, stream: bool) -> dict:
        asked = {"body": self.body(tokens, stream=stream), "clients": clients, "each": each}
        self._clients.stdin.write(json.dumps(asked).encode() + b"\n")
        line = await self._clients.stdout.readline()
        if not line:
            raise SystemExit("the clients ended")
        return json.loads(line)

    async def bare(self, tokens: int, *, clients: int, each: int) -> dict:
        prompt = self._template.render([Message(**said) for said in SAYS])
        bias = tuple((int(token), float(value)) for token, value in ENDS.items())
        speech = Speech(prompt=prompt, max_tokens=tokens, sampling=Sampling(seed=1), logit_bias=bias)
        told: dict = {"seconds": [], "tokens": 0}

        async def asks() -> None:
            for _ in range(each):
                began = time.perf_counter()
                async with aclosing(self.speaker.inner.speak(speech)) as said:
                    async for part in said:
                        if isinstance(part, Ending):
                            told["seconds"].append(time.perf_counter() - began)
                            told["tokens"] += part.tokens

        began = time.perf_counter()
        await asyncio.gather(*(asks() for _ in range(clients)))
        return told | {"wall": time.perf_counter() - began}


@asynccontextmanager
async def opened(model: str, home: Path, serving: Serving) -> AsyncGenerator[Bench]:
    loader, held = ModelLoader(home, serving), []

    def open_speaker(wanted: Wanted) -> tuple[TimedSpeaker, ChatTemplate]:
        speaker, template = loader._open_real(wanted)
        held.append((TimedSpeaker(speaker), template))
        return held[-1]

    with closing(RecordWriter(Home(home).served)) as records, listen("127.0.0.1", 0, keys=False) as listening:
        written = routes_of_one("model", model)
        live = open_live(home, written, Router({}), serving, plain=True, open_speaker=open_speaker)
        async with live as responder:
            door = Door(responder, Admission(serving.slots * 2), records=records)
            server = server_for(door, drain=5)
            running = asyncio.create_task(server.serve([listening]))
            port = str(listening.getsockname()[1])
            pipe = asyncio.subprocess.PIPE
            clients = await asyncio.create_subprocess_exec(
                sys.executable, str(CLIENTS), "127.0.0.1", port, stdin=pipe, stdout=pipe, limit=1 << 24
            )
            gc.freeze()  # as `suture serve` does
            try:
                yield Bench("model", *held[0], clients)
            finally:
                clients.kill()
                await clients.wait()
                server.should_exit = True
                await running
