"""A hundred faults in a real cluster on this machine, one a repair: is anything lost, double, or left running?

    python benchmarks/cluster_faults.py [--faults 100] [--seed 0] [--json FILE]

Each repair is scripted (no model), its programs run in the real sandbox, and its cluster is three nodes of Ray, each of
one core. The kinds of fault come in turns; which call is struck is drawn by the seed. A repair whose driver or head was
killed is started again on the same store. Every repair must end as the one without a cluster: the same decision, the
same keys with the same answers in the same order, each once, and no engine, judge, lane or program of it left over.
"""

import argparse
import json
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from ray_cluster import PATHS, ClusterProcess, Driver, mark, plan, survivors

Said = dict[str, object]
CALLS = {"answer": 30, "judge": 6, "receive": 3}
"""About as many as a repair makes: which of them is struck is drawn."""
MOST_STARTS = 4


@dataclass
class Outcome:
    """``hit``: whether the fault happened. ``found``: what the repair came to; None where it never ended."""

    hit: bool
    found: Said | None
    starts: int = 1
    said: str = ""


@dataclass
class Scene:
    """Where one fault happens. ``root`` is the repair's directory, with its store; ``new`` makes another beside it."""

    cluster: ClusterProcess
    root: Path
    draw: random.Random
    new: Callable[[str], Path]

    def driver(self, *flags: str, **environment: str) -> Driver:
        return Driver(self.root, self.cluster.address, *flags, environment={**self.cluster.environment, **environment})

    def plan(self, method: str, how: str, **more: object) -> None:
        plan(self.root, method=method, at=self.draw.randint(1, CALLS[method]), kind=how, **more)

    @property
    def struck(self) -> bool:
        return (self.root / "struck").exists()

    def ended(self, driver: Driver, *flags: str, starts: int = 1) -> Outcome:
        """Wait for the driver, and start another where it ended without a result."""
        found = driver.result()
        while found is None and starts < MOST_STARTS:
            driver, starts = self.driver(*flags), starts + 1
            found = driver.result()
        return Outcome(self.struck, found, starts, driver.said)


def struck(method: str, how: str) -> Callable[[Scene], Outcome]:
    """A process or a node that fails in a call."""

    def happens(scene: Scene) -> Outcome:
        flags = ["--send"] if method == "receive" else []
        scene.plan(method, how, seconds=5, spared=scene.cluster.spared if how == "node" else None)
        return scene.ended(scene.driver(*flags), *flags)

    return happens


def driver_killed(scene: Scene) -> Outcome:
    driver = scene.driver()
    scene.plan(scene.draw.choice(["answer", "judge"]), "other", seconds=5, pid=driver.process.pid)
    return scene.ended(driver)


def head_killed(scene: Scene) -> Outcome:
    """The second driver has a new cluster."""
    driver = scene.driver()
    scene.plan(scene.draw.choice(["answer", "judge"]), "other", seconds=40, pid=scene.cluster.head_pid)
    found = driver.result()
    scene.cluster.close()
    scene.cluster = ClusterProcess(scene.new("cluster"))
    return Outcome(scene.struck, found, 1, driver.said) if found else scene.ended(scene.driver(), starts=2)


def two_drivers(scene: Scene) -> Outcome:
    """The first stands still while the second tries."""
    first = scene.driver()
    scene.plan("answer", "slow", seconds=2)
    while not scene.struck and first.process.poll() is None:
        time.sleep(0.05)
    first.process.send_signal(signal.SIGSTOP)
    second = scene.driver()
    refused = second.result() is None and "another process already drives a cluster for the store" in second.said
    first.process.send_signal(signal.SIGCONT)
    return replace(scene.ended(first), hit=scene.struck and refused)


def another_token(scene: Scene) -> Outcome:
    token = scene.new("token") / "token"
    token.write_text(f"{scene.draw.getrandbits(256):064x}")
    stranger = scene.driver(RAY_AUTH_TOKEN_PATH=str(token))
    refused = stranger.result() is None and "has another token than this machine" in stranger.said
    return replace(scene.ended(scene.driver(), starts=2), hit=refused)


def guest(line: str, words: str) -> Callable[[Scene], Outcome]:
    """A fourth node, on which Python runs ``line`` when it starts: it must be left out, in these words."""

    def happens(scene: Scene) -> Outcome:
        changed = scene.new("guest")
        (changed / "sitecustomize.py").write_text(line + "\n")
        scene.cluster.guest(PYTHONPATH=f"{changed}:{PATHS}")
        outcome = scene.ended(scene.driver())
        return replace(outcome, hit=f"does nothing for generation: {words}" in outcome.said)

    return happens


KINDS: dict[str, Callable[[Scene], Outcome]] = {
    "an engine killed": struck("answer", "process"),
    "a judge killed while it judges": struck("judge", "process"),
    "a node killed while it answers": struck("answer", "node"),
    "a node killed while it judges": struck("judge", "node"),
    "a slow node": struck("answer", "slow"),
    "a full disk": struck("receive", "full"),
    "the driver killed": driver_killed,
    "the head killed, and a new cluster": head_killed,
    "two drivers on one store": two_drivers,
    "another token": another_token,
    "a node of another version": guest("import suture; suture.__version__ = '9.9'", "Suture 9.9 there"),
    "a node of another processor": guest(
        "import suture.machine.processor as p; p.processor_class = lambda: 'another'", "another instrument: another"
    ),
}


def main(faults: int, seed: int, folder: Path) -> dict[str, object]:
    draw = random.Random(seed)
    alone = Driver(new(folder, "alone"), None).result()
    if alone is None:
        raise SystemExit("the repair without a cluster failed")
    cluster = ClusterProcess(new(folder, "r"))
    rows: list[dict[str, object]] = []
    began = time.monotonic()
    for number in range(faults):
        kind = list(KINDS)[number % len(KINDS)]
        scene = Scene(cluster, new(folder, f"f{number}"), draw, lambda name, n=number: new(folder, f"{name[0]}{n}"))
        outcome = KINDS[kind](scene)
        cluster = scene.cluster
        left = survivors()
        cluster.mend()
        rows.append(row_of(kind, outcome, alone, left))
        sys.stderr.write(f"{number + 1}/{faults} {json.dumps(rows[-1])}\n")
    cluster.close()
    kinds = {kind: summary([row for row in rows if row["kind"] == kind]) for kind in KINDS}
    return {"all": summary(rows), "by kind": kinds, "seconds": round(time.monotonic() - began), "rows": rows}


def row_of(kind: str, outcome: Outcome, alone: Said, left: list[str]) -> dict[str, object]:
    found = outcome.found
    return {
        "kind": kind,
        "hit": outcome.hit,
        "starts": outcome.starts,
        "same": found == alone,
        "lost": int(str(alone["attempts"])) - int(str((found or {"attempts": 0})["attempts"])),
        "double": int(str((found or {"double": 0})["double"])),
        "survivors": len(left),
        "said": "" if found == alone and outcome.hit and not left else outcome.said[-900:] + "\n".join(left),
    }


def summary(rows: list[dict[str, object]]) -> dict[str, int]:
    """How many faults, and how many of them happened, ended alike, and what was lost, double or left."""
    counted = ("hit", "same", "lost", "double", "survivors")
    return {"faults": len(rows), **{name: sum(int(str(int(row[name]))) for row in rows) for name in counted}}


def new(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="s-", dir="/tmp") as temporary, mark():
        said = main(options.faults, options.seed, Path(temporary))
    if options.json:
        options.json.write_text(json.dumps(said, indent=1) + "\n")
    print(json.dumps({key: value for key, value in said.items() if key != "rows"}, indent=1))
