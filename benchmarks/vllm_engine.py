"""Does engine vllm repeat its answers, how fast is it, and does it give its memory back? Needs a GPU and vllm.

    python benchmarks/vllm_engine.py BASE [--tasks 64] [--batch 32] [--max-tokens 256] [--eager] [--context N]
        [--gpu-memory SHARE] [--out FILE]

BASE is a prepared base: ``suture bench DIR`` leaves one under ``bases/`` of its store. It may be prepared elsewhere:
what prepares it does not go beside vllm. Greedy answers to a seeded sample of HumanEval are compared with the first
ones of this process: asked again, in reversed order, in batches of half the size, one at a time, and by a process of
its own. The first and the last of these have to be without a difference (exit code 1 where they are not); the others
say how far batches matter here.
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from suture.core.errors import SutureError
from suture.core.measure.attempt import Request, Sampling
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.engine_probe import first_difference
from suture.core.model.base import BASE_GGUF
from suture.core.plan.ports import Generator
from suture.engines.table import VLLM
from suture.loop.measuring.questions import questions_of
from suture.packs.bases.pack_template import template_of
from suture.suites.catalog import load_suites

Answers = list[dict[str, object]]


def sample(base: Path, choice: EngineChoice, count: int, *, seed: int) -> list[Request]:
    """Of the questions of HumanEval, in the words of the prepared ``base``."""
    tasks = random.Random(seed).sample(load_suites(["humaneval"]), count)
    return [question.request for question in questions_of(tuple(tasks), template_of(base / BASE_GGUF), choice)]


def tokens_of(answers: Answers) -> int:
    return sum(int(str(answer["tokens"])) for answer in answers)


def ask(engine: Generator, requests: list[Request], size: int) -> Answers:
    """The answers in the order of ``requests``, asked in batches of ``size``."""
    found: Answers = []
    for start in range(0, len(requests), size):
        batch = dict(engine.generate(requests[start : start + size], Sampling()))
        found += [batch[index].model_dump(mode="json") for index in range(len(batch))]
    return found


def differing(one: Answers, other: Answers) -> dict[str, object]:
    """How many texts differ, and after how many characters those do."""
    pairs = [(str(a["text"]), str(b["text"])) for a, b in zip(one, other, strict=True)]
    return {"differ": sum(a != b for a, b in pairs), "at": [first_difference(a, b) for a, b in pairs if a != b]}


def memory_used() -> list[int]:
    """MiB of each GPU, as nvidia-smi says; none where there is no such program."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    asked = [program, "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
    return [int(line) for line in subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()]


def measure(arguments: argparse.Namespace) -> dict[str, object]:
    choice = EngineChoice(
        name="vllm",
        batch=arguments.batch,
        max_tokens=arguments.max_tokens,
        eager=arguments.eager,
        context=arguments.context,
        gpu_memory=arguments.gpu_memory,
    )
    requests = sample(arguments.base, choice, arguments.tasks, seed=0)
    memory = {"before": memory_used()}
    identity = VLLM.identify(choice)
    began = time.monotonic()
    engine = VLLM.open(arguments.base, choice, identity, {})
    loaded, memory["open"] = time.monotonic(), memory_used()
    first = ask(engine, requests, choice.batch)
    done = time.monotonic()
    found: dict[str, object] = {
        "identity": identity.model_dump(mode="json"),
        "load_s": round(loaded - began, 1),
        "tokens_a_second": round(tokens_of(first) / (done - loaded), 1),
        "ended": {end: sum(answer["finish"] == end for answer in first) for end in ("stop", "length")},
        "answers": first,
    }
    if arguments.compare:
        half = max(1, choice.batch // 2)
        found["asked again"] = differing(first, ask(engine, requests, choice.batch))
        found["reversed"] = differing(first, ask(engine, requests[::-1], choice.batch)[::-1])
        found[f"in batches of {half}"] = differing(first, ask(engine, requests, half))
        found["one at a time"] = differing(first, ask(engine, requests, 1))
    engine.close()
    memory["closed"] = memory_used()
    return found | {"memory_mib": memory}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", type=Path)
    parser.add_argument("--tasks", type=int, default=64)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--max-tokens", type=int, default=256)
    parser.add_argument("--eager", action="store_true")
    parser.add_argument("--context", type=int)
    parser.add_argument("--gpu-memory", type=float)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--no-compare", dest="compare", action="store_false", help="Ask once; for the second process.")
    arguments = parser.parse_args()
    try:
        found = measure(arguments)
    except SutureError as error:
        raise SystemExit(f"{error}: {error.mend}") from None
    if arguments.compare:
        with tempfile.TemporaryDirectory() as folder:
            again = Path(folder) / "again.json"
            command = [sys.executable, __file__, *sys.argv[1:], "--no-compare", "--out", str(again)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            found["in a process of its own"] = differing(found["answers"], json.loads(again.read_text())["answers"])
    text = json.dumps(found, indent=2, ensure_ascii=False)
    if arguments.out:
        arguments.out.write_text(text + "\n")
    shown = {key: value for key, value in found.items() if key != "answers"}
    print(json.dumps(shown, indent=2, ensure_ascii=False))
    repeats = [found[key] for key in ("asked again", "in a process of its own") if key in found]
    return int(any(each["differ"] for each in repeats))


if __name__ == "__main__":
    sys.exit(main())
