"""The serving engine, asked directly."""

import contextlib
import json
import socket
import socketserver
import threading
from pathlib import Path
from typing import Any

from suture.engines.llamacpp_server import LlamaServer


class OverTcp(LlamaServer):
    """llama.cpp's own server on a port, as somebody else would run it: its HTTP interface, with its key."""

    def __init__(self, gguf: Path, **options: Any) -> None:
        super().__init__(gguf, **options)
        self._front = _Front(("127.0.0.1", 0), _Relay)
        self._front.behind = self.socket
        self.url = f"http://127.0.0.1:{self._front.server_address[1]}/v1"
        threading.Thread(target=self._front.serve_forever, args=[0.01], daemon=True).start()

    def __enter__(self) -> "OverTcp":
        return self

    def __exit__(self, *_: object) -> None:
        self._front.shutdown()
        self._front.server_close()
        self.close()


class _Front(socketserver.ThreadingTCPServer):
    daemon_threads = True
    behind: Path


class _Relay(socketserver.BaseRequestHandler):
    server: _Front

    def handle(self) -> None:
        with socket.socket(socket.AF_UNIX) as behind:
            behind.connect(str(self.server.behind))
            there = threading.Thread(target=_pass_on, args=(self.request, behind), daemon=True)
            there.start()
            _pass_on(behind, self.request)
            there.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    """Until either side is closed."""
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


class LlamaCpp:
    """One GGUF file in llama.cpp's own server, one thread."""

    def __init__(self, gguf: Path, *adapters: Path) -> None:
        self._server = LlamaServer(gguf, threads=1, context=512, adapters=adapters)

    def token_ids(self, text: str) -> tuple[int, ...]:
        asked = {"content": text, "add_special": True, "parse_special": True}
        return tuple(self._server.ask("/tokenize", asked)["tokens"])

    def next_token(self, text: str, top: int = 20, *, scale: float = 0.0) -> dict[int, float]:
        """Log-probabilities, with the first adapter at ``scale``.

        Empty where the likeliest token is part of a character, which llama.cpp does not show.
        """
        choice = self._complete(text, n_predict=1, n_probs=top, lora=[{"id": 0, "scale": scale}] if scale else [])
        if choice["logprobs"] is None:
            return {}
        return {entry["id"]: entry["logprob"] for entry in choice["logprobs"]["content"][0]["top_logprobs"]}

    def generate(self, text: str, tokens: int) -> str:
        return self._complete(text, n_predict=tokens)["text"]

    def _complete(self, text: str, **options: Any) -> Any:
        answer = self._server.complete({"prompt": text, "temperature": 0, "ignore_eos": True, **options})
        return (json.loads(answer) if isinstance(answer, str | bytes) else answer)["choices"][0]
