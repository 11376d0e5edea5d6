"""Messages on a stream socket: four bytes of length (big endian), then JSON in ASCII.

Only ``read`` and ``write``: the sandbox allows a program no other socket call it would need.
"""

import json
import os
from typing import Any

_encoder = json.JSONEncoder()
_make: Any = vars(json.encoder)["c_make_encoder"]  # what ``JSONEncoder.encode`` makes anew for each message
_chunks = _make(None, _encoder.default, json.encoder.encode_basestring_ascii, None, ":", ",", False, False, True)
_scan: Any = vars(json.JSONDecoder())["scan_once"]
_read, _write = os.read, os.write


class TooLarge(ValueError):
    """A message beyond the size cap."""


def dumps(message: Any) -> str:
    return "".join(_chunks(message, 0))


def pack(message: Any) -> bytes:
    body = dumps(message).encode("ascii")
    return len(body).to_bytes(4, "big") + body


def unpack(body: bytes) -> Any:
    """Raises ``ValueError`` or ``RecursionError`` when the bytes are not JSON."""
    text = body.decode("ascii")
    try:
        value, end = _scan(text, 0)
    except StopIteration:
        raise ValueError("not JSON") from None
    if end != len(text):
        raise ValueError("more than one JSON value")
    return value


def send(descriptor: int, message: Any) -> None:
    data = pack(message)
    sent = _write(descriptor, data)
    if sent < len(data):
        rest = memoryview(data)[sent:]
        while rest:
            rest = rest[_write(descriptor, rest) :]


def receive(descriptor: int, cap: int) -> Any:
    """Raises:
    EOFError: the other side is gone.
    TooLarge: the message is longer than ``cap`` bytes; it was not read.
    ValueError, RecursionError: the bytes are not JSON.
    """
    size = int.from_bytes(_exactly(descriptor, 4), "big")
    if size > cap:
        raise TooLarge(f"a message of {size} bytes")
    return unpack(_exactly(descriptor, size))


def _exactly(descriptor: int, size: int) -> bytes:
    data = _read(descriptor, min(size, 1 << 20))
    if len(data) == size:
        return data
    parts = [data]
    missing = size - len(data)
    while missing:
        if not data:
            raise EOFError
        data = _read(descriptor, min(missing, 1 << 20))
        parts.append(data)
        missing -= len(data)
    return b"".join(parts)
