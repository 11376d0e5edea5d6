"""Moves a name while it is served under load: no error, no answer of two packs, and each record names the one.

`python tests/support/swaps.py --requests 10000 --swaps 100 --every 1` prints what it found. The engine computes
nothing; a pack is a text that it says.
"""

import argparse
import asyncio
import http.client
import json
import sys
import tempfile
import threading
import time
from collections.abc import AsyncGenerator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from doors import CHATML, OpenDoor
from fake_speaker import FakeSpeaker
from lives import Shop, live_of, open_shop_door, plain_routes

from suture.core.measure.speech import Ending, Load, Piece, Speech
from suture.files.small_files import sha256_of
from suture.serve.record_writer import RecordWriter
from suture.store.served_file import served_records
from suture.store.verify_served import verify_served

WORDS = ("one", "two", "three")
"""The packs: each says its own word again and again."""
SHORT, HELD = 12, 1000
"""Tokens of an answer; one that may be HELD long goes on by one token a move, and so is open across all of them."""
CLIENTS = 8


@dataclass
class Found:
    """Attributes:
    answers: those that came whole.
    held: moves that each stream was open across which was held open.
    wrong: what no answer may be: an error, one without its end, one of two packs, one whose record says otherwise.
    """

    answers: int = 0
    swaps: int = 0
    held: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    records: int = 0
    gaps: int = 0


class PacedSpeaker(FakeSpeaker):
    """Says one token of an answer that is held for each move that happened since."""

    def __init__(self, word: str, moves: "Moves") -> None:
        super().__init__(lambda speech: f"{word} " * (moves.wanted if speech.max_tokens == HELD else SHORT), slots=64)
        self._moves = moves

    async def speak(self, speech: Speech) -> AsyncGenerator[Piece | Ending]:
        said = 0
        async for part in super().speak(speech):
            while speech.max_tokens == HELD and isinstance(part, Piece) and said > self._moves.made:
                await asyncio.sleep(0.005)
            said += 1
            yield part


@dataclass
class Moves:
    wanted: int
    made: int = 0


def swapped_under_load(home: Path, *, requests: int, swaps: int, every: float = 0.0, held: int = 6) -> Found:
    """Promote and roll back so often, at least ``every`` so many seconds, while so many requests are answered."""
    found, moves = Found(), Moves(swaps)
    shop = Shop(home)
    shop.open = lambda wanted: (PacedSpeaker(wanted.pack.read_text(), moves), CHATML)
    files = [shop.pack(word) for word in WORDS]
    packs = {sha256_of(file): word for file, word in zip(files, WORDS, strict=True)}
    shop.promote("code", files[0])
    lock, left = threading.Lock(), [requests]
    with (
        closing(RecordWriter(home / "served.db")) as records,
        open_shop_door(shop, plain_routes("code"), plain=True, records=records) as door,
    ):
        given: dict[str, str] = {}

        def asks(stream: bool) -> None:
            with closing(http.client.HTTPConnection("127.0.0.1", door.port, timeout=60)) as client:
                while True:
                    with lock:
                        if left[0] <= 0 and moves.made >= swaps:
                            return
                        left[0] -= 1
                    begun = time.monotonic()
                    _ask(client, stream, SHORT, packs, found, given)
                    time.sleep(max(0.0, begun + CLIENTS * swaps * every / requests - time.monotonic()))

        def holds() -> None:
            with closing(http.client.HTTPConnection("127.0.0.1", door.port, timeout=600)) as client:
                begun = moves.made
                _ask(client, True, HELD, packs, found, given)
                found.held.append(moves.made - begun)

        asking = [threading.Thread(target=asks, args=(number % 2 == 0,)) for number in range(CLIENTS)]
        holding = [threading.Thread(target=holds) for _ in range(held)]
        for one in [*holding, *asking]:
            one.start()
        _wait(lambda: live_of(door).load().speaking >= held, door)
        for number in range(swaps):
            begun, before = time.monotonic(), live_of(door).table
            if number % 2:
                shop.rollback("code")
            else:
                shop.promote("code", files[1 + number // 2 % 2])
            _wait(lambda before=before: live_of(door).table is not before, door)
            moves.made = found.swaps = number + 1
            time.sleep(max(0.0, begun + every - time.monotonic()))
        for one in [*asking, *holding]:
            one.join()
        _wait(lambda: live_of(door).load() == Load(0, 0) and len(live_of(door).shelf.loaded) <= 2, door)
    _check_records(home / "served.db", given, found)
    return found


def _ask(
    client: http.client.HTTPConnection,
    stream: bool,
    tokens: int,
    packs: dict[str, str],
    found: Found,
    given: dict[str, str],
) -> None:
    body = {"model": "code", "prompt": "Go on", "stream": stream, "max_tokens": tokens}
    client.request("POST", "/v1/completions", json.dumps(body), {"Content-Type": "application/json"})
    reply = client.getresponse()
    text = reply.read().decode()
    pack, record = reply.headers["x-suture-pack"], reply.headers["x-suture-record"]
    if reply.status != 200 or pack not in packs:
        found.wrong.append(f"{reply.status} {text[:200]}")
        return
    if stream and not text.endswith("data: [DONE]\n\n"):
        found.wrong.append(f"{record}: no end: {text[-200:]}")
        return
    chunks = chunks_of(text) if stream else [json.loads(text)]
    said = {word for chunk in chunks for word in chunk["choices"][0]["text"].split()}
    fingerprints = {chunk["system_fingerprint"].split("-")[0] for chunk in chunks}
    if said != {packs[pack]} or fingerprints != {pack[:12]}:
        found.wrong.append(f"{record}: of {packs[pack]}, and says {said}, by {fingerprints}")
    found.answers += 1
    given[record] = pack


def chunks_of(text: str) -> list[dict[str, Any]]:
    """The chunks of a stream that came to its end, without comments, which say that a record is late."""
    events = [one for one in text.split("\n\n") if one.startswith("data: ")]
    return [json.loads(one.removeprefix("data: ")) for one in events[:-1]]


def _check_records(path: Path, given: dict[str, str], found: Found) -> None:
    """Every answer has one record, of the pack that its header named."""
    found.wrong.extend(f"{one.where}: {one.found}" for one in verify_served(path).damage)
    with served_records(path) as file:
        for record in file.records():
            found.records += 1
            tried = {tier.pack for answer in record.answers if answer.how for tier in answer.how.tiers}
            if tried != {given.pop(record.id, None)}:
                found.wrong.append(f"record {record.id} names {tried}")
        found.gaps = file.totals().gap_answers
    found.wrong.extend(f"no record of {record}" for record in given)


def _wait(met, door: OpenDoor, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not met():
        if time.monotonic() > ends:
            raise AssertionError(f"it did not happen: {live_of(door).troubles()}")
        time.sleep(0.002)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--swaps", type=int, default=100)
    parser.add_argument("--every", type=float, default=1.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        found = swapped_under_load(
            Path(place), requests=arguments.requests, swaps=arguments.swaps, every=arguments.every
        )
    lines = [
        f"{found.answers} answers across {found.swaps} moves, {len(found.wrong)} of them wrong",
        f"streams held open across {sorted(found.held)} moves",
        f"{found.records} records, {found.gaps} answers in gaps",
        *found.wrong[:10],
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.exit(bool(found.wrong))


if __name__ == "__main__":
    main()
