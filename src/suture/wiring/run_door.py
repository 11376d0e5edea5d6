"""Serves one pack until the process is told to end. Needs the extra ``[serve]``."""

import asyncio
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

from suture.serve.admission import Admission
from suture.serve.door import Door, Limits
from suture.serve.keys import KeyRing
from suture.serve.serving import listen, server_for
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
    started: Callable[[NamedPack, str], None],
) -> None:
    """Find a model by any of its names, load it, and answer until SIGTERM or Ctrl-C.

    Args:
        name: what clients call it, if not as it was named here.
        keys: hashes of keys, by name; without any, everybody who reaches ``host`` may ask.
        queue: answers that may wait for a slot.
        answer_tokens: the most that an answer may be asked to have.
        drain: seconds that answers have to end.
        started: called with what is served and its URL, once it is.

    Raises:
        UsageError and its children: no such model, one that cannot be served, or an address that cannot be served on.
    """
    with listen(host, port, keys=bool(keys)) as listening:
        pack = find_pack(home, model).called(name)

        async def run() -> None:
            with open_pack(pack, serving) as responder:
                limits = Limits(answer_tokens=answer_tokens)
                door = Door(responder, Admission(serving.slots + queue), KeyRing(keys), limits)
                server = server_for(door, drain=drain, started=lambda: started(pack, _url(listening)))
                await server.serve([listening])

        asyncio.run(run())


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/v1"
