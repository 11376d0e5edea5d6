"""Runs the door on a socket until it is told to end; what was begun is ended first."""

import asyncio
import resource
import signal
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from suture.core.errors import UsageError
from suture.serve.app import create_app
from suture.serve.door import Door
from suture.serve.guarded_http import guarded

LOOPBACK = ("127.0.0.1", "::1", "localhost")
MOST_CONNECTIONS = 4096
"""As far as the system lets a process have files open."""
OTHER_FILES = 128
"""Of those: what is open beside connections."""
LAST_WORDS = 5.0
"""Seconds for an answer that was cut off to say so."""


def listen(host: str, port: int, *, keys: bool) -> socket.socket:
    """A socket to serve on; port 0 for any.

    Raises:
        UsageError: the port is taken, no such address, or one that others can reach without a key.
    """
    if host not in LOOPBACK and not keys:
        raise UsageError(f"{host} can be reached by others, and no key is asked for", mend="suture keys add NAME")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol stated: only then does asyncio send what is written at once, not after the last was confirmed.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(1024)
    except OSError as error:
        listening.close()
        raise UsageError(
            f"cannot serve on {host} port {port}: {error.strerror}", mend="choose another --port"
        ) from None
    return listening


def most_connections() -> int:
    """How many connections there may be at once. A process may open few files unless it asks for more, so this asks."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + OTHER_FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, max(soft - OTHER_FILES, 16))


def server_for(door: Door, *, drain: float, started: Callable[[], None] = lambda: None) -> "DoorServer":
    """A server whose ``serve(sockets)`` runs until SIGTERM or Ctrl-C; answers that are being made then have ``drain``
    seconds to end."""
    config = uvicorn.Config(
        create_app(door),
        http=guarded(door.limits.header_seconds, most_connections()),
        ws="none",
        lifespan="off",
        log_level="error",  # else each request that is no HTTP leaves a line
        access_log=False,
        server_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=door.limits.headers,
        timeout_graceful_shutdown=drain,  # pyright: ignore[reportArgumentType] - any number of seconds will do
    )
    return DoorServer(config, door, started)


class DoorServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, door: Door, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._door, self._said = door, started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._said()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's, and what it cut off at the end has its last word sent."""
        await super().shutdown(sockets)
        if self.server_state.tasks:
            await asyncio.wait(set(self.server_state.tasks), timeout=LAST_WORDS)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """As uvicorn's, which sends itself the signal again afterwards; here a drained end is a good end."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._door.admission.closed = True
        super().handle_exit(sig, frame)
