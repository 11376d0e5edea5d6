"""A door on a port of this machine, in a thread, with a fake speaker or any responder behind it."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager

import httpx2
from fake_speaker import FakeSpeaker

from suture.core.measure.chat import ChatTemplate
from suture.core.measure.task import AnswerForm
from suture.serve.admission import Admission
from suture.serve.door import Door, Limits
from suture.serve.keys import KeyRing
from suture.serve.pack_responder import PackResponder
from suture.serve.record_writer import RecordWriter
from suture.serve.responder import Responder, ServedModel
from suture.serve.serving import listen, server_for

PACK = "ab" * 32
CHATML = ChatTemplate(
    source="{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
HELLO = {"model": "code", "messages": [{"role": "user", "content": "Hello."}]}


def responder(speaker: FakeSpeaker, *, name: str = "code", form: AnswerForm | None = None) -> PackResponder:
    return PackResponder(speaker, CHATML, ServedModel(name, PACK, 1_700_000_000, {"alias": "champion"}), form=form)


def until(met: Callable[[], bool]) -> None:
    """Wait for it."""
    ends = time.monotonic() + 30
    while not met():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.005)


class OpenDoor:
    """Attributes:
    url: of the interface, ending in ``/v1``.
    loop: the one that the door runs in.
    """

    def __init__(self, door: Door, *, drain: float = 5.0, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self.door = door
        self._ends: list[Callable[[], Awaitable[object]]] = []
        self._socket = listen("127.0.0.1", 0, keys=bool(door.keys))
        self.port = self._socket.getsockname()[1]
        self.root = f"http://127.0.0.1:{self.port}"
        self.url = f"{self.root}/v1"
        started = threading.Event()
        self._server = server_for(door, drain=drain, started=started.set)
        self._server.main_loop = self._until_stopped  # uvicorn's own looks only ten times a second
        self.loop = loop or asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        started.wait(30)
        self.http = httpx2.Client(base_url=self.root, timeout=30, verify=False)  # no certificates to load

    def _run(self) -> None:
        self.loop.run_until_complete(self._server.serve([self._socket]))
        for end in self._ends:
            self.loop.run_until_complete(end())
        self.loop.close()

    async def _until_stopped(self) -> None:
        while not self._server.should_exit:
            await asyncio.sleep(0.005)

    def stop(self) -> None:
        """As SIGTERM."""
        self.door.admission.closed = True
        self._server.should_exit = True

    def close(self, *ends: Callable[[], Awaitable[object]]) -> None:
        """``ends``: what is to be ended in the door's own loop."""
        self._ends.extend(ends)
        self.http.close()
        self.stop()
        self._thread.join(30)

    def chat(self, **more: object) -> httpx2.Response:
        return self.http.post("/v1/chat/completions", json=HELLO | more)

    def complete(self, **more: object) -> httpx2.Response:
        return self.http.post("/v1/completions", json={"model": "code", "prompt": "Hello"} | more)


@contextmanager
def open_door(
    behind: Responder,
    *,
    keys: dict[str, str] | None = None,
    limits: Limits | None = None,
    most: int = 16,
    drain: float = 5,
    records: RecordWriter | None = None,
    unrecorded: Sequence[str] = (),
) -> Iterator[OpenDoor]:
    ring = KeyRing(keys or {}, unrecorded)
    door = Door(behind, Admission(most), ring, limits or Limits(), records=records)
    opened = OpenDoor(door, drain=drain)
    try:
        yield opened
    finally:
        opened.close()
