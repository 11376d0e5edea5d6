"""A hundred faults in a real cluster on this machine, one a repair: is anything lost, double, or left running?

    python benchmarks/cluster_faults.py [--faults 100] [--seed 0] [--json FILE]

Each repair is scripted (no model), its programs run in the real sandbox, and its cluster is three nodes of Ray, each of
one core. The kind of fault and the call that it strikes are drawn by the seed. A repair whose driver or head was killed
is started again on the same store. Every repair must end as the one without a cluster: the same decision, the same keys
with the same answers in the same order, each once, and no process of a judge left over.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from ray_cluster import ClusterProcess, Driver, plan, survivors

KINDS = {
    "an engine killed": ("answer", "process"),
    "a judge killed while it judges": ("judge", "process"),
    "a node killed while it answers": ("answer", "node"),
    "a node killed while it judges": ("judge", "node"),
    "a slow node": ("answer", "slow"),
    "a full disk": ("receive", "full"),
    "the driver killed": ("answer", "other"),
    "the head killed, and a new cluster": ("answer", "other"),
}
CALLS = {"answer": 30, "judge": 6, "receive": 3}
"""About as many as a repair makes: which of them is struck is drawn."""


def main(faults: int, seed: int, folder: Path) -> dict[str, object]:
    draw = random.Random(seed)
    alone = Driver(new(folder, "alone"), None).result()
    if alone is None:
        raise SystemExit("the repair without a cluster failed")
    cluster = ClusterProcess(new(folder, "r0"))
    rows: list[dict[str, object]] = []
    began = time.monotonic()
    for number in range(faults):
        kind = list(KINDS)[number % len(KINDS)]
        method, how = KINDS[kind]
        at = draw.randint(1, CALLS[method])
        root = new(folder, f"f{number}")
        flags = ["--send"] if method == "receive" else []
        driver = Driver(root, cluster.address, *flags, environment=cluster.environment)
        victim = driver.process.pid if "driver" in kind else cluster.head_pid if "head" in kind else 0
        plan(
            root,
            method=method,
            at=at,
            kind=how,
            seconds=40 if "head" in kind else 5,
            pid=victim,
            spared=cluster.spared if how == "node" else None,
        )
        found, starts = driver.result(), 1
        while found is None and starts < 4:
            if "head" in kind:
                cluster.close()
                cluster = ClusterProcess(new(folder, f"r{number + 1}"))
            starts += 1
            driver = Driver(root, cluster.address, *flags, environment=cluster.environment)
            found = driver.result()
        cluster.mend()
        rows.append(
            {
                "fault": kind,
                "call": at,
                "struck": (root / "struck").exists(),
                "starts": starts,
                "same": found == alone,
                "double": (found or {}).get("double"),
                "lost": None if found is None else alone["attempts"] - found["attempts"],
                "survivors": len(survivors()),
                "said": "" if found == alone else driver.said[-600:],
            }
        )
        sys.stderr.write(f"{number + 1}/{faults} {json.dumps(rows[-1])}\n")
    cluster.close()
    return {
        "faults": len(rows),
        "struck": sum(bool(row["struck"]) for row in rows),
        "by kind": dict(Counter(str(row["fault"]) for row in rows)),
        "the same as without a cluster": sum(bool(row["same"]) for row in rows),
        "double": sum(row["double"] or 0 for row in rows),
        "lost": sum(row["lost"] or 0 for row in rows if row["lost"] is not None),
        "survivors": sum(int(str(row["survivors"])) for row in rows),
        "not finished": sum(row["lost"] is None for row in rows),
        "seconds": round(time.monotonic() - began),
        "rows": rows,
    }


def new(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="s-", dir="/tmp") as temporary:
        said = main(options.faults, options.seed, Path(temporary))
    if options.json:
        options.json.write_text(json.dumps(said, indent=1) + "\n")
    print(json.dumps({key: value for key, value in said.items() if key != "rows"}, indent=1))
