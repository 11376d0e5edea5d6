"""How a ledger with two million attempts answers, and how fast it takes them.

    python benchmarks/ledger.py --out docs/evidence/ledger-scale.json

Builds the ledger in a temporary directory, batch by batch, as measuring does: 32 attempts, then their verdicts, each
in a transaction. Then a scripted repair runs in that store, and verbs are timed, each in a process of its own.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from fakes import FakeFoundry, recipe, scripted_workshop, write_suite

from suture.core.digest import digest_of_text
from suture.core.measure.attempt import Attempt, Completion, EngineIdentity, FinishReason, Sampling
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.core.plan.stages import BASE, BENCH, GATE, HARVEST, PROMOTE, TRAIN
from suture.files.small_files import write_json
from suture.loop.plan import resolve
from suture.loop.repair import RepairRun
from suture.report.build import build_report
from suture.report.files import write_report
from suture.store.clock import now
from suture.store.home import Home
from suture.store.ledger import Ledger
from suture.store.vouching import made_again

BATCH, TASKS = 32, 1_000
TEXT = "    total = 0\n    for value in values:\n        total += value\n    return total\n" * 3


def megabytes_in_use() -> float:
    """Largest resident size so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def fill(ledger: Ledger, count: int, plan, directory: str, stages: list) -> dict[str, object]:
    """``count`` attempts and an eighth as many verdicts, in runs of twice ``TASKS``, each run with its stages.

    All runs have the plan, the stages and the directory of one real run, so that `suture verify` finds their files.
    """
    engine, sampling = EngineIdentity(name="scripted", version="1", threads=1, batch=BATCH), Sampling()
    memory, started, done, verdicts = [], time.monotonic(), 0, 0
    marks = [count * tenth // 10 for tenth in range(1, 11)]
    while done < count:
        run, first = divmod(done, 2 * TASKS)
        size = min(BATCH, count - done)
        attempts = [
            Attempt(
                task_id=f"T/{(first + n) % TASKS}",
                task_digest=f"{(first + n) % TASKS:064x}",
                pack=f"{run:064x}",
                engine=engine,
                sampling=sampling,
                prompt_digest=f"{first + n:064x}",
                completion=Completion(
                    text=f"{TEXT}# {done + n}", finish=FinishReason.STOP, prompt_tokens=90, tokens=80
                ),
            )
            for n in range(size)
        ]
        ledger.add_attempts(digest_of_text(f"batch {done}"), attempts)
        verdict = Verdict(outcome=Outcome.FAIL, reason=Reason.WRONG, cpu_s=0.01)
        programs = [(a.task_digest, digest_of_text(a.completion.text), "j" * 64, verdict) for a in attempts[::8]]
        ledger.add_verdicts(programs)
        verdicts += len(programs)
        done += size
        if done // (2 * TASKS) != run:
            earlier = plan.model_copy(update={"suture": f"0.0.{run}"})
            ledger.add_run(earlier, directory, now())
            for stage, finished in stages:
                ledger.finish_stage(earlier.run_id, stage, finished, now=now())
        if marks and done >= marks[0]:
            marks.pop(0)
            memory.append(round(megabytes_in_use()))
            print(f"{done} attempts, {done / (time.monotonic() - started):.0f}/s, {memory[-1]} MB", file=sys.stderr)
    seconds = time.monotonic() - started
    return {
        "attempts": done,
        "verdicts": verdicts,
        "runs": len(ledger.runs()),
        "seconds": round(seconds, 1),
        "attempts a second": round(done / seconds),
        "largest resident MB, by tenth": memory,
    }


def timed(home: Path, *arguments: str) -> dict[str, float]:
    """Wall seconds and largest resident MB of one verb in a process of its own."""
    code = "import resource, sys; from suture.cli.main import run; code = run(sys.argv[1:]); "
    code += "sys.stderr.write(f'\\n{code} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}')"
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "SUTURE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    seconds = time.monotonic() - started
    exit_code, kilobytes = map(int, done.stderr.rsplit("\n", 1)[1].split())
    return {"seconds": round(seconds, 2), "exit code": exit_code, "MB": kilobytes // 1024}


def measure(count: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        suite, base = write_suite(root / "suite.jsonl", TASKS), root / "base.gguf"
        base.write_bytes(b"a model")
        workshop = scripted_workshop(root, batch=BATCH)
        foundry = FakeFoundry(knows=set(range(20, 120)), learns=set(range(10)))

        def heal(name: str):
            written = recipe(suite, base, name=name)
            healed = RepairRun(workshop, foundry, resolve(workshop, foundry, written, relative_to=root)).heal()
            report = build_report(workshop.store, healed.run, command="suture heal")
            with made_again(workshop.store, healed.paths.report_markdown, healed.paths.report_json):
                write_report(healed.paths.root, report)
            return healed

        first = heal("first")
        ledger = workshop.store.ledger
        stages = [(stage, ledger.finished(first.run, stage)) for stage in (BASE, BENCH, HARVEST, TRAIN, GATE, PROMOTE)]
        directory = workshop.store.home.relative(first.paths.root)
        filled = fill(ledger, count, ledger.plan(first.run), directory, stages)
        last = heal("last")
        size = sum(path.stat().st_size for path in Home(root / "home").root.glob("ledger.db*"))
        ledger.close()
        boards = [str(last.paths.baseline), str(last.paths.candidate)]
        home = root / "home"
        write_json(root / "gate.json", {})
        verbs = {
            "report": timed(home, "report", "last", "--json"),
            "compare": timed(home, "compare", *boards, "--json"),
            "gate": timed(home, "gate", *boards, "--out", str(root / "gate.json"), "--json"),
            "registry list": timed(home, "registry", "list", "--json"),
        }
        verified = timed(home, "verify", "--json")
    return {"ledger": {**filled, "bytes": size}, "verbs": verbs, "verify": verified}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--attempts", type=int, default=2_000_000)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    figures = measure(options.attempts)
    print(json.dumps(figures, indent=1))
    if options.out:
        write_json(options.out, figures)
