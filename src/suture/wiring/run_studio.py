"""Serves the studio to this machine until it is told to end. Needs the extra ``[view]``."""

import asyncio
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import uvicorn

from suture.core.errors import UsageError
from suture.core.measure.served_record import Claim, Opinion
from suture.core.model.registry_events import CHAMPION, RegistryEvent
from suture.serve.keys import KeyRing
from suture.store.api_keys import kept_keys
from suture.store.clock import now
from suture.store.home import Home
from suture.store.registry import Registry
from suture.store.run_paths import RunPaths
from suture.store.served_file import ServedFile
from suture.store.store import open_store
from suture.studio.live.app import create_app
from suture.studio.live.library import Deciding
from suture.wiring.promote import promote
from suture.wiring.studio_library import StudioLibrary

LOOPBACK = "127.0.0.1"


def run_studio(
    home: Path | None,
    files: Sequence[Path],
    *,
    port: int,
    sources: Mapping[str, Path] | None = None,
    started: Callable[[str], None],
) -> None:
    """Answer on loopback alone, until Ctrl-C or SIGTERM.

    Args:
        port: 0 for any that is free.
        started: called with the address, once it answers.

    Raises:
        UsageError: the port is taken.
    """
    with closing(listen_on(port)) as listening:
        port = listening.getsockname()[1]
        library = StudioLibrary(home, files, sources)
        hosts = [f"{name}:{port}" for name in (LOOPBACK, "localhost")]
        app = create_app(library, deciding(home), hosts)
        config = uvicorn.Config(
            app,
            log_level="error",
            lifespan="off",
            timeout_graceful_shutdown=1,
            http="h11",
            ws="none",
            proxy_headers=False,
        )
        server = uvicorn.Server(config)
        started(f"http://{LOOPBACK}:{port}/")
        asyncio.run(server.serve([listening]))


def deciding(home: Path | None) -> Deciding:
    """Promoting and rolling back as the command line does, in the name of whose key it is."""

    def name_of(key: str) -> str | None:
        keys = kept_keys(Home(home))
        return KeyRing(keys).name_of(key) if keys and key else None

    def promoted(model: str, run: str, override: str, who: str) -> RegistryEvent:
        with open_store(home) as store:
            entry = next((one for one in store.ledger.runs() if one["id"] == run), None)
            if entry is None:
                raise UsageError(f"no run {run!r}", mend="suture report --list")
            paths = RunPaths(store.home.absolute(entry["directory"]))
            file = paths.policy if paths.policy.exists() else paths.pack
            return promote(store, model, str(file), report=paths.gate, override=override or None, who=who)

    def rolled_back(model: str, why: str, who: str) -> RegistryEvent:
        with open_store(home) as store:
            return Registry(store, who=who).rollback(model, why=why, alias=CHAMPION)

    def marked(record: str, choice: int, opinion: Opinion, correction: str | None, who: str) -> None:
        if (opinion is Opinion.CORRECTED) != (correction is not None):
            raise UsageError("a correction is what the answer should have been", mend="write it, or say bad")
        claim = Claim(record=record, choice=choice, opinion=opinion, by=who, at=now(), correction=correction)
        with closing(ServedFile(Home(home).served)) as file, file.transaction():
            file.add_claim(claim)

    return Deciding(name_of, lambda: bool(kept_keys(Home(home))), promoted, rolled_back, marked)


def listen_on(port: int) -> socket.socket:
    """A socket on loopback; 0 for any port. Raises UsageError: it is taken."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
    except OSError as error:
        listening.close()
        raise UsageError(f"port {port} cannot be listened on: {error.strerror}", mend="--port 0") from None
    return listening
