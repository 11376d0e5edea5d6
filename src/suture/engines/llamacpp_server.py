"""llama.cpp's server in this process (xllamacpp), opened in one way for every use.

The server cannot be had without its HTTP interface, which would let anybody on the machine ask the model while a
bench runs. So it listens on a unix socket in a directory that only this user may enter, and wants a key that only
this process knows. No port is taken: several processes may open packs at once.
"""

import ctypes
import json
import secrets
import socket
import weakref
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from importlib import import_module
from pathlib import Path
from typing import Any

from suture.core.errors import BadFile, Fault, MissingTool
from suture.engines.socket_directory import SocketDirectory
from suture.machine.cores import usable_cores
from suture.machine.installing import install_extra
from suture.machine.interrupts import interrupts_held_back

SOCKET = "llama.sock"
"""llama.cpp takes a host name that ends so for the path of a unix socket."""


class LlamaServer:
    """One GGUF file in llama.cpp, memory-mapped.

    Attributes:
        socket: where its HTTP interface listens.
        key: what a request must carry as its bearer token.

    Raises:
        MissingTool: xllamacpp is not installed.
        BadFile: llama.cpp cannot load the pack or an adapter.
    """

    def __init__(
        self,
        pack: Path,
        *,
        threads: int | None = None,
        slots: int = 1,
        context: int = 4096,
        adapters: Sequence[Path] = (),
        prompt_step: int | None = None,
    ) -> None:
        """
        Args:
            threads: by default as many as the cores this process may use; llama.cpp would take all that the machine
                has.
            slots: requests that run at once.
            context: tokens a slot may hold, prompt and answer together.
            adapters: GGUF LoRA files; each is at scale 0 unless a request's ``lora`` says otherwise.
            prompt_step: tokens of prompts computed between two calls of ``receive``.
        """
        try:
            llama = import_module("xllamacpp")
        except ImportError:
            raise MissingTool("llama.cpp is not installed", mend=install_extra("llamacpp")) from None
        folder = SocketDirectory(SOCKET)
        self._remove_folder = weakref.finalize(self, folder.remove)
        self.socket, self.key = folder.socket, secrets.token_urlsafe(32)
        params = llama.CommonParams()
        params.model.path = str(pack)
        params.n_parallel = slots
        params.n_ctx = context * slots
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads or usable_cores()
        params.cache_prompt = False  # a cached prefix was rounded in another batch
        params.cache_ram_mib = 0
        params.warmup = False
        params.fit_params = False  # slots and context are as asked; trying others would take time and memory
        params.verbosity = -1
        if prompt_step is not None:
            params.n_batch = prompt_step
        params.hostnames = [str(self.socket)]
        params.api_keys = [self.key]
        params.ui = params.endpoint_slots = False
        if adapters:
            params.lora_adapters = [_adapter(llama, path) for path in adapters]
            params.lora_init_without_apply = True
        # Closed before its loop over tasks has begun, it would wait for ever for that loop's end; the question is such
        # a task, and nobody may interrupt what is before it.
        with interrupts_held_back():
            try:
                self._server: Any = llama.Server(params)
            except (RuntimeError, ValueError) as error:
                self._remove_folder()
                beside = f" with {', '.join(map(str, adapters))}" if adapters else ""
                raise BadFile(f"{pack}{beside}: llama.cpp cannot load it: {error}") from error
            self.ask("/lora-adapters")
        _give_back_memory()

    def ask(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask the HTTP interface: GET without a body, POST with one. JSON either way.

        Raises:
            Fault: it does not answer, or refuses.
        """
        connection = _UnixConnection(self.socket)
        verb, data = ("GET", None) if body is None else ("POST", json.dumps(body).encode())
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        try:
            connection.request(verb, path, data, headers)
            reply = connection.getresponse()
            text = reply.read()
            if reply.status != 200:
                raise Fault(f"llama.cpp refused {path}: {reply.status} {text.decode('utf-8', 'replace')[:200]}")
            return json.loads(text)
        except (OSError, HTTPException, ValueError) as error:
            raise Fault(f"llama.cpp did not answer {path}: {error}") from error
        finally:
            connection.close()

    def complete(self, body: Mapping[str, Any], receive: Callable[[Any], bool] | None = None) -> Any:
        """OpenAI's completions, without HTTP; with ``receive`` its chunks go there, until that returns True."""
        return self._server.handle_completions(dict(body), *([receive] if receive else []))

    def stream(self, body: bytes, receive: Callable[[bytes | None], bool]) -> None:
        """As ``complete``, in JSON texts both ways. Raises RuntimeError: a body that llama.cpp cannot read."""
        self._server.handle_completions(body, receive)

    def close(self) -> None:
        """Unload the model. A closed server cannot be asked."""
        self._server = None
        self._remove_folder()


class _UnixConnection(HTTPConnection):
    """No proxy that the environment names is ever asked: there is no host it could be asked for."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(str(self._path))


def _give_back_memory() -> None:
    """What reading the file's header left free in the C heap, back to the system; glibc alone can."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _adapter(llama: Any, path: Path) -> Any:
    info = llama.CommonAdapterLoraInfo()
    info.path = str(path)
    info.scale = 0.0
    return info
