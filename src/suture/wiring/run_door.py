"""Serves a model, or all that a routes file names, until the process is told to end. Needs the extra ``[serve]``."""

import asyncio
import gc
import os
import socket
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from suture.core.errors import NoPermission
from suture.router.router import Router
from suture.router.written import routes_of_one
from suture.serve.admission import Admission
from suture.serve.door import Door, Limits
from suture.serve.keys import KeyRing
from suture.serve.record_settings import RecordSettings
from suture.serve.record_writer import RecordWriter
from suture.serve.responder import ServedModel
from suture.serve.serving import listen, server_for
from suture.store.home import Home
from suture.wiring.live_serving import open_live
from suture.wiring.routes_file import is_routes_file, read_routes, router_of
from suture.wiring.serve import Serving, shown_name


def run_door(
    home: Path | None,
    model: str,
    serving: Serving,
    *,
    name: str | None,
    kind: str,
    suite: str,
    host: str,
    port: int,
    keys: Mapping[str, str],
    queue: int,
    answer_tokens: int | None,
    drain: float,
    unrecorded: Collection[str] = (),
    records: RecordSettings | None = None,
    started: Callable[[Sequence[ServedModel], str], None],
) -> None:
    """Find a model by any of its names, or all that a routes file names, load it, and answer until SIGTERM or Ctrl-C.

    Args:
        name: what clients call the model, if not as it was named here.
        kind, suite: of a policy of several tiers, what its prompts are like.
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
        path = Path(model)
        plain = not is_routes_file(model)
        if plain:
            written = routes_of_one(name or shown_name(model), model, kind=kind, suite=suite, fence=serving.fence)
            router = Router({})
        else:
            written = read_routes(path)
            router = router_of(path, written)

        async def run() -> None:
            directory = Path() if plain else path.parent
            with recording(home, records) as writer:
                note = None if writer is None else writer.note_pack
                async with open_live(
                    home,
                    written,
                    router,
                    serving,
                    directory=directory,
                    plain=plain,
                    note_pack=note,
                    recorded=writer is not None,
                ) as live:
                    ring, limits = KeyRing(keys, unrecorded), Limits(answer_tokens=answer_tokens)
                    admission = Admission(serving.slots + queue)
                    door = Door(live, admission, ring, limits, records=writer, steered=live.steered)

                    def begun() -> None:
                        gc.freeze()  # what is loaded by now stays: a search of it for garbage would hold up an answer
                        started(live.models(), _url(listening))

                    await server_for(door, drain=drain, started=begun).serve([listening])

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
    _require_writable(Home(home))
    with closing(RecordWriter(Home(home).served, settings)) as writer:
        yield writer


def _require_writable(home: Home) -> None:
    """Raises NoPermission: nothing can be written there, which is better said before an answer than after it."""
    if not os.access(home.served if home.served.exists() else home.nearest, os.W_OK):
        raise NoPermission(
            f"no record can be written to {home.served}", mend="--no-record, or name another store: --home DIR"
        )


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/v1"
