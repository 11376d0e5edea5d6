"""What recording costs: time added to an answer, and records a second.

    python benchmarks/records.py [--requests 400] [--clients 8] [--out docs/evidence/records.json]

The engine behind the door computes nothing, so that the door and the records are all there is; the same requests go to
a door with records and to one without, in turns. Nothing is asserted.
"""

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

import httpx2

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from doors import HELLO, open_door, responder
from fake_speaker import FakeSpeaker

from suture.core.measure.attempt import FinishReason
from suture.core.measure.served_record import AnswerOutcome
from suture.machine.processor import processor_class
from suture.serve.drafts import AnswerDraft, Draft, Origin
from suture.serve.record_settings import Waiting
from suture.serve.record_writer import RecordWriter
from suture.serve.responder import Ended, Inquiry
from suture.store.verify_served import verify_served

ROUNDS = 4
"""Of each door, in turns: with, without, without, with."""


def ask(door, count: int, *, stream: bool) -> list[float]:
    """Seconds of each of so many requests, one after the other."""
    seconds = []
    with closing(httpx2.Client(base_url=door.root, verify=False)) as client:
        for _ in range(count):
            began = time.perf_counter()
            client.post("/v1/chat/completions", json=HELLO | {"stream": stream}).read()
            seconds.append(time.perf_counter() - began)
    return seconds


def timed(door, clients: int, requests: int, *, stream: bool) -> list[float]:
    """Seconds of all requests of so many clients at once."""
    found: list[float] = []
    each = requests // clients
    threads = [threading.Thread(target=lambda: found.extend(ask(door, each, stream=stream))) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def added(place: Path, clients: int, requests: int, *, stream: bool) -> dict:
    """Times with and without records, and what the records say."""
    speaker = FakeSpeaker(lambda _: " ".join(["word"] * 32), slots=64)
    path = place / f"{clients}-{stream}.db"
    with closing(RecordWriter(path)) as writer:
        with (
            open_door(responder(speaker), records=writer, most=256) as recording,
            open_door(responder(FakeSpeaker(speaker._answer, slots=64)), most=256) as bare,
        ):
            for door in (recording, bare):
                timed(door, clients, 4 * clients, stream=stream)
            took = {True: [], False: []}
            for with_records in (True, False, False, True) * (ROUNDS // 2):
                door = recording if with_records else bare
                took[with_records].extend(timed(door, clients, requests // ROUNDS, stream=stream))
        counts = writer.counts
    assert verify_served(path).damage == []
    told = {"clients": clients, "stream": stream, "requests": len(took[True]), "late": counts.late}
    for name, times in (("records", took[True]), ("bare", took[False])):
        cut = statistics.quantiles([1000 * one for one in times], n=100)
        told |= {f"{name}_p50_ms": round(cut[49], 3), f"{name}_p99_ms": round(cut[98], 3)}
    told["added_p50_ms"] = round(told["records_p50_ms"] - told["bare_p50_ms"], 3)
    told["added_p99_ms"] = round(told["records_p99_ms"] - told["bare_p99_ms"], 3)
    return told


def throughput(place: Path, count: int) -> dict:
    """Records a second of the writer alone, as it is fed by nobody's answers."""
    body = json.dumps(HELLO).encode()
    asked = Inquiry(model="code", messages=())
    ended = Ended(FinishReason.STOP, 8, 32)
    answer = AnswerDraft(asked, None, ended, "word " * 32, AnswerOutcome.COMPLETE, None, 0.1, 0.2)
    with closing(RecordWriter(place / "many.db", waiting=Waiting(records=count + 1, bytes=1 << 31))) as writer:
        began = time.perf_counter()
        for number in range(count):
            draft = Draft(f"chatcmpl-{number:08x}", time.time(), Origin(body, "chat"), False, (answer,))
            done = writer.offer(draft)
        done.result(600)
        seconds = time.perf_counter() - began
    size = (place / "many.db").stat().st_size
    return {"records": count, "records_per_second": round(count / seconds), "bytes_per_record": round(size / count)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as where:
        place = Path(where)
        rows = [
            added(place, clients, arguments.requests, stream=stream)
            for clients in (1, arguments.clients)
            for stream in (False, True)
        ]
        writer = throughput(place, 20_000)
    print("clients  stream  requests  with p50/p99 ms  without p50/p99 ms  added p50/p99 ms  late")
    for row in rows:
        print(
            f"{row['clients']:>7}  {row['stream']!s:>6}  {row['requests']:>8}  "
            f"{row['records_p50_ms']:>7.2f}/{row['records_p99_ms']:<7.2f}  "
            f"{row['bare_p50_ms']:>9.2f}/{row['bare_p99_ms']:<8.2f}  "
            f"{row['added_p50_ms']:>8.2f}/{row['added_p99_ms']:<7.2f}  {row['late']:>4}"
        )
    print(f"writer alone: {writer['records_per_second']} records/s, {writer['bytes_per_record']} bytes each")
    if arguments.out:
        told = {"processor": processor_class(), "rows": rows, "writer": writer}
        arguments.out.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
