"""Runs the quickstart under other thread counts, seeds and instruction sets, and prints what the gate decided in each.

    python benchmarks/quickstart_runs.py --out runs [--only seed-1,avx2] [--beside 2]

Each run has a store of its own under ``--out``, so nothing of an earlier one is found again. A run that ended is not
repeated: the table is printed from what is there. ``--beside N`` keeps N other processes busy meanwhile. CPU seconds
are those of the run and of all its children.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
RECIPE = ROOT / "recipes" / "quickstart.yaml"
AVX2 = {"ATEN_CPU_CAPABILITY": "avx2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"}
VARIANTS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "as-shipped": ({}, {}),
    "one-thread": ({"engine": {"threads": 1}}, {"OMP_NUM_THREADS": "1"}),
    "seed-1": ({"splits": {"seed": 1}, "train": {"seed": 1}}, {}),
    "avx2": ({"train": {"precision": "float32"}}, AVX2),
    "batches-of-16-seed-3": ({"engine": {"batch": 16}, "train": {"seed": 3}}, {}),
    "beside-two": ({}, {}),
}
"""Changes of the recipe, and of the environment. ``avx2`` is the training of a CPU without AVX-512: torch's and MKL's
kernels, in float32. The engine cannot be held back so: OpenVINO chooses by what the processor says it has, and fails
when ``ONEDNN_MAX_CPU_ISA`` hides it."""


def recipe_of(changes: dict[str, Any]) -> str:
    recipe = yaml.safe_load(RECIPE.read_text())
    for key, inner in changes.items():
        recipe[key] = {**recipe.get(key, {}), **inner}
    return yaml.safe_dump(recipe, sort_keys=False)


def run(folder: Path, name: str) -> None:
    changes, environment = VARIANTS[name]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "recipe.yaml").write_text(recipe_of(changes))
    suture = Path(sys.executable).with_name("suture")
    began = time.monotonic()
    with (folder / "output.txt").open("wb") as output:
        child = subprocess.Popen(
            [suture, "heal", "recipe.yaml"], cwd=folder, env={**os.environ, **environment}, stdout=output, stderr=output
        )
        _, status, used = os.wait4(child.pid, 0)
    spent = {"wall_s": time.monotonic() - began, "cpu_s": used.ru_utime + used.ru_stime}
    code = os.waitstatus_to_exitcode(status)
    (folder / "spent.json").write_text(json.dumps({"exit": code, **spent}))


@contextmanager
def busy(count: int) -> Any:
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def row(folder: Path, name: str) -> str:
    spent = json.loads((folder / "spent.json").read_text())
    report = json.loads(next(folder.glob(".suture/runs/*/report.json")).read_text())
    gate = report["gate"]
    found = {(one["suite"], one["split"]): one for one in gate["rows"]}
    held, code = found["bfcl:simple_python", "holdout"], found["humaneval", "all"]
    cells = [
        name,
        report["decision"].upper(),
        f"{held['before']['passed']} to {held['after']['passed']} of {held['after']['total']}",
        f"{len(gate['kept'])} of {len(gate['protected'])}",
        f"{code['before']['passed']} to {code['after']['passed']} of {code['after']['total']}",
        f"{spent['wall_s']:.0f} s",
        f"{spent['cpu_s']:.0f} s",
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", default=",".join(VARIANTS))
    parser.add_argument("--beside", type=int, default=0)
    options = parser.parse_args()
    for name in options.only.split(","):
        if not (options.out / name / "spent.json").exists():
            with busy(options.beside):
                run(options.out / name, name)
    print("| run | decision | held-out calls | anchors kept | code | wall | CPU |\n|---|---|---|---|---|---|---|")
    for name in VARIANTS:
        if (options.out / name / "spent.json").exists():
            print(row(options.out / name, name))


if __name__ == "__main__":
    main()
