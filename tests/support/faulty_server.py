"""A real server of completions on this machine that goes wrong in one way, for tests of what stands behind it."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Wrong = Callable[[socket.socket, threading.Event], None]


def _reply(
    body: str, *, status: str = "200 OK", kind: str = "application/json", more: str = "", length: int = 0
) -> bytes:
    data = body.encode()
    head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length or len(data)}\r\n{more}"
    return f"{head}connection: close\r\n\r\n".encode() + data


def _event(text: str, finish: str | None = None, model: str = "big", **more: object) -> str:
    choice = {"index": 0, "text": text, "finish_reason": finish}
    return f"data: {json.dumps({'model': model, 'choices': [choice], **more})}\n\n"


def _stream(*events: str) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n" + "".join(events).encode()


def _said(data: bytes) -> Wrong:
    return lambda link, _: link.sendall(data)


def _reset(link: socket.socket, _: threading.Event) -> None:
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _reset_in_between(link: socket.socket, _: threading.Event) -> None:
    link.sendall(_stream(_event("one ")))
    _reset(link, _)


def _slow(link: socket.socket, closed: threading.Event) -> None:
    closed.wait(20)


def _stalls(link: socket.socket, closed: threading.Event) -> None:
    link.sendall(_stream(_event("one ")))
    closed.wait(20)


def _floods(link: socket.socket, closed: threading.Event) -> None:
    link.sendall(_stream())
    flood = _event("x" * 65536).encode()
    try:
        while not closed.is_set():
            link.sendall(flood)
    except OSError:
        pass


WHOLE = _stream(
    _event("from "), _event("elsewhere", "stop", usage={"prompt_tokens": 3, "completion_tokens": 2}), "data: [DONE]\n\n"
)
GOOD = _said(WHOLE)
FAULTS: dict[str, Wrong] = {
    "reset": _reset,
    "too many requests": _said(_reply("{}", status="429 Too Many Requests", more="retry-after: 1\r\n")),
    "500": _said(_reply("oh", status="500 Internal Server Error", kind="text/plain")),
    "503": _said(_reply('{"error": {"message": "busy"}}', status="503 Service Unavailable")),
    "key refused": _said(_reply("{}", status="401 Unauthorized")),
    "redirected": _said(_reply("", status="302 Found", more="location: /elsewhere\r\n")),
    "slow to begin": _slow,
    "stalls": _stalls,
    "cut stream": _said(_stream(_event("one "), _event("two"))),
    "reset in between": _reset_in_between,
    "body shorter than stated": _said(_reply('{"choices": [{"text": "one', length=500)),
    "empty": _said(_stream(_event("", "stop"), "data: [DONE]\n\n")),
    "no JSON": _said(_reply("<html>Welcome</html>", kind="text/html")),
    "garbled event": _said(_stream(_event("one "), "data: {'choices': [\n\n")),
    "wrong model": _said(_stream(_event("one", "stop", model="small"), "data: [DONE]\n\n")),
    "error with 200": _said(_reply('{"error": {"message": "no such thing"}}')),
    "no choices": _said(_reply('{"model": "big", "choices": []}')),
    "never ends": _floods,
    "chat in place of a completion": _said(
        _reply('{"choices": [{"message": {"content": "hi"}, "finish_reason": "stop"}]}')
    ),
    "no HTTP": _said(b"220 mail.example ready\r\n"),
}
"""Beside these, a server that is not there: ``refused``."""


class FaultyServer:
    def __init__(self, wrong: Wrong) -> None:
        self._wrong, self._closed = wrong, threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"
        self.asked: list[dict[str, object]] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                link, _ = self._socket.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=[link], daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, link: socket.socket) -> None:
        with link:
            try:
                self._read(link)
                self._wrong(link, self._closed)
            except OSError:
                pass

    def _read(self, link: socket.socket) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            data += link.recv(65536)
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
        )
        while len(body) < length:
            body += link.recv(65536)
        self.asked.append(json.loads(body))

    def close(self) -> None:
        self._closed.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in self._threads:
            thread.join(5)


@contextmanager
def faulty(wrong: Wrong) -> Iterator[FaultyServer]:
    server = FaultyServer(wrong)
    try:
        yield server
    finally:
        server.close()


def nobody() -> str:
    """The URL of a port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
