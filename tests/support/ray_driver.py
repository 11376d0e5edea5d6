"""A scripted repair as a process of its own: on a cluster, or without one to compare with.

    python ray_driver.py ROOT [HOST:PORT] [--send]

Prints one line of JSON: the decision, a digest of all keys with answers in their order, and one of the verdicts.
"""

import json
import sys
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import ray_work
from fakes import FakeFoundry, recipe, scripted_workshop, write_suite

from suture.cluster.open_ray import open_ray
from suture.core.digest import digest_of
from suture.loop.pace import Pace
from suture.loop.plan import resolve
from suture.loop.repair import RepairRun
from suture.loop.workshop import Workshop
from suture.store.driver import only_driver

TASKS = 36


def main(root: Path, address: str | None, *, send: bool) -> dict[str, object]:
    with ExitStack() as opened:
        local = scripted_workshop(root)
        judge = opened.enter_context(closing(ray_work.local_judge()))
        workshop = Workshop(store=local.store, judge=judge, engines=local.engines, packs=local.packs)
        hub = None
        if address is not None:
            from suture.cluster.hub import Asked, Makers, open_hub
            from suture.cluster.node_facts import facts_here

            opened.enter_context(only_driver(local.store))
            makers = Makers(partial(ray_work.engine, root, not send), partial(ray_work.judge, root))
            nodes, version = open_ray(address, root)
            asked = Asked(facts_here(ray=version), judge.identity, 1)
            note = lambda line: sys.stderr.write(line + "\n")  # noqa: E731
            hub = opened.enter_context(closing(open_hub(nodes, makers, asked, local.engines, note=note, patience=30)))
            pace = Pace(batches=hub.batches, shards=hub.shards, programs=8, abandon=hub.abandon)
            workshop = Workshop(store=local.store, judge=hub.judge, engines=hub.engines, packs=local.packs, pace=pace)
        write_suite(root / "suite.jsonl", TASKS)  # relative paths, so that the run has one name wherever it is
        (root / "base.gguf").write_bytes(b"a model")
        foundry = FakeFoundry(knows=set(range(12, 30)), learns=set(range(6)))
        plan = resolve(workshop, foundry, recipe(Path("suite.jsonl"), Path("base.gguf")), relative_to=root)
        found = RepairRun(workshop, foundry, plan).heal()
        if hub is not None:
            note(hub.says)
        return {"decision": found.decision.value, **recorded(local.store.ledger)}


def recorded(ledger) -> dict[str, object]:
    rows = ledger._db.execute("SELECT batch, position, record FROM attempts ORDER BY seq").fetchall()
    verdicts = ledger._db.execute("SELECT task, program, judge FROM verdicts").fetchall()
    keys = [(batch, position) for batch, position, _ in rows]
    return {
        "answers": digest_of(rows),
        "verdicts": digest_of(sorted(verdicts)),
        "attempts": len(rows),
        "double": len(keys) - len(set(keys)) + len(verdicts) - len(set(verdicts)),
    }


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--send"]
    said = main(Path(arguments[0]), arguments[1] if len(arguments) > 1 else None, send="--send" in sys.argv)
    sys.stdout.write(json.dumps(said) + "\n")
