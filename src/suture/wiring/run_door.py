"""Serves one pack until the process is told to end. Needs the extra ``[serve]``."""

import asyncio
import socket
from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from suture.serve.admission import Admission
from suture.serve.door import Door, Limits
from suture.serve.keys import KeyRing
from suture.serve.record_writer import RecordSettings, RecordWriter
from suture.serve.serving import listen, server_for
from suture.store.home import Home
from suture.wiring.serve import NamedPack, Serving, find_pack, open_pack


def run_door(
    home: Path | None,
    model: str,
    serving: Serving,
    *,
    name: str | None,
    host: str,
    port: int,
    keys: Mapping[str, str],
    queue: int,
    answer_tokens: int | None,
    drain: float,
    unrecorded: Collection[str] = (),
    records: RecordSettings | None = None,
    started: Callable[[NamedPack, str], None],
) -> None:
    """Find a model by any of its names, load it, and answer until SIGTERM or Ctrl-C.

    Args:
        name: what clients call it, if not as it was named here.
        keys: hashes of keys, by name; without any, everybody who reaches ``host`` may ask.
        queue: answers that may wait for a slot.
        answer_tokens: the most that an answer may be asked to have.
        drain: seconds that answers have to end.
        unrecorded: names of the keys whose requests are not recorded.
        records: how records are kept; None to keep none.
        started: called with what is served and its URL, once it is.

    Raises:
        UsageError and its children: no such model, one that cannot be served, or an address that cannot be served on.
    """
    with listen(host, port, keys=bool(keys)) as listening:
        pack = find_pack(home, model).called(name)

        async def run() -> None:
            with recording(home, records) as writer, open_pack(pack, serving) as responder:
                if writer is not None:
                    writer.note_pack(pack.served.pack, pack.path.resolve())
                ring = KeyRing(keys, unrecorded)
                limits = Limits(answer_tokens=answer_tokens)
                door = Door(responder, Admission(serving.slots + queue), ring, limits, records=writer)
                server = server_for(door, drain=drain, started=lambda: started(pack, _url(listening)))
                await server.serve([listening])

        asyncio.run(run())


@contextmanager
def recording(home: Path | None, settings: RecordSettings | None) -> Generator[RecordWriter | None]:
    """What writes records into a store; what waits at the end is written. None where none are kept.

    Raises:
        MissingTool, UsageError: patterns of what is to be left out that cannot be used.
    """
    if settings is None:
        yield None
        return
    with closing(RecordWriter(Home(home).served, settings)) as writer:
        yield writer


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/v1"
