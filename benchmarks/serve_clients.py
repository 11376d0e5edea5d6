"""Clients of a served model, in a process of their own: each line read is work, each line written its figures.

Bare sockets, so that what is timed is the server. A line of work is ``{"body", "clients", "each"}``: so many clients at
once, each with one connection, on which it asks so many times, one after the other. Its figures are ``seconds`` (until
the last byte) and ``first`` (until the first event, of streams) of every request, in the order in which they ended, the
``tokens`` by their usage, the ``wall`` seconds of it all and the ``cpu`` seconds of this process.
"""

import asyncio
import json
import sys
import time

PATH = "/v1/chat/completions"


async def client(host: str, port: int, body: bytes, each: int, told: dict) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    asked = head.encode() + body
    for _ in range(each):
        began = time.perf_counter()
        writer.write(asked)
        told_head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if not told_head.startswith(b"http/1.1 200"):
            raise SystemExit(told_head.decode() + (await reader.read(1000)).decode())
        if b"transfer-encoding: chunked" in told_head:
            last, first = await read_chunks(reader, began)
        else:
            length = int(told_head.split(b"content-length: ")[1].split(b"\r\n")[0])
            last, first = await reader.readexactly(length), None
        told["seconds"].append(time.perf_counter() - began)
        told["first"].append(first)
        told["tokens"] += int(last.rsplit(b'"completion_tokens":', 1)[1].split(b",")[0])
    writer.close()


async def read_chunks(reader: asyncio.StreamReader, began: float) -> tuple[bytes, float]:
    """The end of a stream, and the seconds until its first event was there."""
    first, held = 0.0, b""
    while True:
        data = await reader.read(65536)
        first = first or time.perf_counter() - began
        held = held[-2000:] + data
        if held.endswith(b"0\r\n\r\n"):
            return held, first
        if not data:
            raise SystemExit("a stream ended before its end")


async def work(host: str, port: int, asked: dict) -> dict:
    told: dict = {"seconds": [], "first": [], "tokens": 0}
    body = json.dumps(asked["body"]).encode()
    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(client(host, port, body, asked["each"], told) for _ in range(asked["clients"])))
    return told | {"wall": time.perf_counter() - began, "cpu": time.process_time() - cpu}


def main() -> None:
    host, port = sys.argv[1], int(sys.argv[2])
    for line in sys.stdin:
        print(json.dumps(asyncio.run(work(host, port, json.loads(line)))), flush=True)


if __name__ == "__main__":
    main()
