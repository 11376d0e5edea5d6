"""What Ray costs at one node, how two and three nodes scale, and whether the simulator foretells it.

    python benchmarks/cluster_overhead.py [--batches 48] [--seconds 0.25] [--programs 768] [--rounds 3] [--json FILE]
    python benchmarks/cluster_overhead.py --judging [--programs 768] [--rounds 3] [--niceness 15]

The second is about judging at one node alone; 15 is the niceness that Ray gives to what it starts, if it is let.

Generation is an engine that waits, so that the nodes of one machine do not share its cores: what is left is what the
driver, Ray and the ledger cost. Judging is the real judge on real programs, and does need cores.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

import ray_work
from fakes import TEMPLATE, scripted_workshop, write_suite
from ray_cluster import RealCluster
from scale_simulator import Rates, Simulation

from suture.cluster.judge import SHARD
from suture.cluster.open_ray import open_ray
from suture.judge import open_judge
from suture.loop.measuring.asking import ask
from suture.loop.measuring.lazy_engine import LazyEngine
from suture.loop.measuring.pack_file import PackFile
from suture.loop.measuring.questions import questions_of
from suture.loop.pace import Pace
from suture.loop.workshop import Workshop
from suture.suites.catalog import load_suites

ROOT = Path(__file__).parents[1]
BATCH, SPREAD = 32, 0.2
ONE_LANE, WITHOUT = "{} nodes of one lane", "without Ray, one lane"


def generation(workshop: Workshop, folder: Path, batches: int, *, first: int = 0) -> float:
    """Seconds to ask and record so many batches, from the ``first`` on."""
    pack = folder / "pack.gguf"
    pack.write_text("[]")
    choice = ray_work.CHOICE
    tasks = load_suites([str(write_suite(folder / "suite.jsonl", (first + batches) * BATCH))])[first * BATCH :]
    questions = questions_of(tasks, TEMPLATE, choice)
    parts = [questions[start : start + BATCH] for start in range(0, len(questions), BATCH)]
    began = time.monotonic()
    with LazyEngine(workshop, choice, PackFile(pack, "p" * 64, TEMPLATE)) as engine:
        done = sum(1 for _ in ask(workshop, engine, parts))
    assert done == batches
    return time.monotonic() - began


def cpu_a_task(workshop: Workshop, folder: Path, batches: int) -> float:
    """CPU seconds of this process, the driver, for a task: asked, decoded, recorded."""
    before = time.process_time()
    generation(workshop, folder, batches, first=batches)
    return round((time.process_time() - before) / (batches * BATCH), 6)


def judging(judges: dict[str, object], folder: Path, programs: int, rounds: int) -> dict[str, list[float]]:
    """Seconds that each judge takes for programs of which half are wrong, a round after the other, in turns."""
    tasks = load_suites([str(write_suite(folder / "programs.jsonl", programs))])
    took: dict[str, list[float]] = {name: [] for name in judges}
    for number in range(rounds):
        submissions = [(task, f"def f_{n}():\n    return {n - n % 2}  # {number}\n") for n, task in enumerate(tasks)]
        for name, judge in judges.items() if number % 2 else reversed(judges.items()):
            list(judge.judge([(task, f"{program}# first") for task, program in submissions[:16]]))
            began = time.monotonic()
            assert len(list(judge.judge(submissions))) == programs
            took[name].append(time.monotonic() - began)
    return took


def rates(took: dict[str, list[float]], programs: int) -> dict[str, int]:
    """Programs a second, of each judge's best round."""
    return {name: round(programs / min(seconds)) for name, seconds in took.items()}


def cost_of_ray(took: dict[str, list[float]]) -> str:
    """How much longer a round takes: the median over rounds, for each has the machine's other work beside it."""
    with_ray, without = took[ONE_LANE.format(1)], took[WITHOUT]
    return f"{median(one / other for one, other in zip(with_ray, without, strict=True)) - 1:.2%}"


@contextmanager
def on_nodes(cluster: RealCluster, folder: Path, makers, judge) -> Iterator[tuple[Workshop, object]]:
    from suture.cluster.hub import Asked, open_hub
    from suture.cluster.node_facts import facts_here

    local = scripted_workshop(folder, batch=BATCH)
    nodes, version = open_ray(cluster.address, folder)
    asked = Asked(facts_here(ray=version), judge.identity, 1)
    with closing(open_hub(nodes, makers, asked, local.engines, note=print)) as hub:
        pace = Pace(batches=hub.batches, shards=hub.shards, programs=128, abandon=hub.abandon)
        yield (
            Workshop(store=local.store, judge=hub.judge, engines=hub.engines, packs=local.packs, pace=pace),
            hub,
        )
    local.store.ledger.close()


def call_cost(judges: dict[str, object], folder: Path, calls: int = 200) -> float:
    """Milliseconds that the way to a node and back takes a shard: that of programs whose verdicts are known there.

    The fastest of all calls, as rates are those of the best round: others wait for a core that other work has.
    """
    tasks = load_suites([str(write_suite(folder / "shard.jsonl", SHARD))])
    shard = [(task, f"def f_{n}():\n    return {n}\n") for n, task in enumerate(tasks)]
    took: dict[str, list[float]] = {name: [] for name in judges}
    for _ in range(calls):
        for name, judge in judges.items():
            began = time.monotonic()
            list(judge.judge(shard))
            took[name].append(time.monotonic() - began)
    return (min(took[ONE_LANE.format(1)]) - min(took[WITHOUT])) * 1000


def only_judging(programs: int, rounds: int, niceness: int, folder: Path) -> dict[str, object]:
    from suture.cluster.hub import Makers

    cluster = RealCluster(new(folder, "r"), nodes=1, RAY_worker_niceness=str(niceness))
    makers = Makers(partial(ray_work.waiting, 0.01, SPREAD, BATCH), partial(ray_work.judge, folder))
    with closing(open_judge(workers=1)) as judge, on_nodes(cluster, new(folder, "n"), makers, judge) as (_, hub):
        judges = {ONE_LANE.format(1): hub.judge, WITHOUT: judge}
        call = call_cost(judges, new(folder, "c"))
        took = judging(judges, new(folder, "j"), programs, rounds)
    cluster.close()
    return {
        "judging, programs a second": rates(took, programs),
        "Ray at one node, of judging": cost_of_ray(took),
        f"the way of {SHARD} programs, ms": round(call, 2),
    }


def main(batches: int, seconds: float, programs: int, rounds: int, folder: Path) -> dict[str, object]:
    from suture.cluster.hub import Makers

    here = scripted_workshop(new(folder, "here"), batch=BATCH)
    here.engines.open = lambda choice, pack: ray_work.Waits(seconds, SPREAD, BATCH)
    local = generation(here, folder / "here", batches)
    here.store.ledger.close()
    figures: dict[str, object] = {
        "batches": batches,
        "seconds a batch": seconds,
        "spread": SPREAD,
        "generation, seconds": {"without Ray": round(local, 3)},
        "generation, foretold seconds": {},
        "judging, programs a second": {},
    }
    with closing(open_judge(workers=1)) as judge:
        for count in (1, 2, 3):
            root = new(folder, f"n{count}")
            cluster = RealCluster(new(folder, f"r{count}"), nodes=count)
            makers = Makers(partial(ray_work.waiting, seconds, SPREAD, BATCH), partial(ray_work.judge, root))
            with on_nodes(cluster, root, makers, judge) as (workshop, hub):
                hub.engine_crew.submit(lambda seat: seat.identify(ray_work.CHOICE), bool).result()
                figures["generation, seconds"][f"{count} nodes"] = round(generation(workshop, root, batches), 3)
                if count == 1:
                    driver_cost = cpu_a_task(workshop, new(folder, "driver"), batches)
                if count <= len(os.sched_getaffinity(0)):
                    named = {ONE_LANE.format(count): hub.judge}
                    named |= {WITHOUT: judge} if count == 1 else {}
                    took = judging(named, new(folder, f"j{count}"), programs, rounds)
                    figures["judging, programs a second"] |= rates(took, programs)
                    if count == 1:
                        figures["Ray at one node, of judging"] = cost_of_ray(took)
            cluster.close()
            figures["generation, foretold seconds"][f"{count} nodes"] = round(foretold(batches, seconds, count), 3)
    alone, one = figures["generation, seconds"]["without Ray"], figures["generation, seconds"]["1 nodes"]
    figures["driver, seconds a task"] = driver_cost
    figures["Ray at one node, of generation"] = f"{one / alone - 1:.2%}"
    figures["two nodes, of linear"] = f"{one / figures['generation, seconds']['2 nodes'] / 2:.1%}"
    figures["three nodes, of linear"] = f"{one / figures['generation, seconds']['3 nodes'] / 3:.1%}"
    return figures


def foretold(batches: int, seconds: float, nodes: int) -> float:
    """What the simulator says, with the rates of its file but for the engine's."""
    said = json.loads((ROOT / "benchmarks" / "scale_rates.json").read_text())
    rates = Rates(
        engines=1,
        cores=1,
        batch=BATCH,
        task_s=seconds / BATCH,
        spread=SPREAD,
        losses_an_hour=0,
        reload_s=0,
        dollars_an_hour=0,
        writer=said["writer"]["attempts_a_second"],
        programs_a_second_a_core=1e9,
        call_s=said["driver"]["call_s"],
        task_driver_s=said["driver"]["task_s"],
        start_s=0,
    )
    runs = [Simulation(rates, batches * BATCH, nodes, seed=seed).run().seconds for seed in range(20)]
    return sum(runs) / len(runs)


def new(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--batches", type=int, default=48)
    parser.add_argument("--seconds", type=float, default=0.25)
    parser.add_argument("--programs", type=int, default=768)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--judging", action="store_true")
    parser.add_argument("--niceness", type=int, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="s-", dir="/tmp") as temporary:
        if options.judging:
            found = only_judging(options.programs, options.rounds, options.niceness, Path(temporary))
        else:
            found = main(options.batches, options.seconds, options.programs, options.rounds, Path(temporary))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))
