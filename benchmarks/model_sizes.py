"""What a model of some size costs here: disk, memory, and how fast it answers and learns.

    python benchmarks/model_sizes.py MODEL [MODEL ...] [--shape 1.5B=MODEL:1536:28:12:2:8960] [--out FILE]

``MODEL`` is a GGUF file or a directory of the hub. ``--shape NAME=MODEL:HIDDEN:LAYERS:HEADS:KEY_VALUE_HEADS:MLP`` makes
a model with those dimensions out of ``MODEL``'s configuration and tokenizer, with random weights: what it costs depends
on its shape alone. Every step is a process of its own, on one thread: preparing the base and writing its Q8_0 pack,
answering 16 HumanEval prompts in one batch with OpenVINO (64 tokens each), and one epoch of LoRA (r=16, BF16) on eight
rows. Rates are tokens a CPU second, so that other work on the machine changes them little; memory is the most that the
process ever held.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from training_rows import humaneval_rows

from suture.core.measure.attempt import Request, Sampling
from suture.core.measure.engine_choice import EngineChoice
from suture.core.model.pack_manifest import Quantisation
from suture.core.model.train_settings import TrainSettings
from suture.loop.workshop import Silent
from suture.store.home import Home
from suture.suites.catalog import load_suites
from suture.wiring.engines import TableEngines
from suture.wiring.gguf_packs import GgufPacks

PROMPTS, TOKENS, ROWS = 16, 64, 8
Found = dict[str, float]


def prepare_here(source: Path, folder: Path) -> Found:
    """The base, and its pack in Q8_0."""
    from suture.packs.bases.prepare_base import prepare_base
    from suture.packs.gguf.write_gguf import write_pack

    prepare_base(source, folder / "base")
    write_pack(folder / "base", folder / "base", Quantisation.Q8_0, folder / "pack.gguf", lineage={})
    return {
        "base_bytes": sum(file.stat().st_size for file in (folder / "base").iterdir()),
        "pack_bytes": (folder / "pack.gguf").stat().st_size,
    }


def answer_here(folder: Path) -> Found:
    """One batch of greedy answers, none of which may end early."""
    pack = folder / "pack.gguf"
    engine = TableEngines(Home(folder / "home")).open(EngineChoice(threads=1, batch=PROMPTS), pack)
    template = GgufPacks().template(pack)
    tasks = load_suites([f"humaneval:0-{PROMPTS - 1}"])
    requests = [
        Request(prompt=template.render(task.messages, task.form.opening), stop=(), max_tokens=TOKENS) for task in tasks
    ]
    began = time.process_time()
    tokens = sum(completion.tokens for _, completion in engine.generate(requests, Sampling()))
    spent = time.process_time() - began
    engine.close()
    return {"tokens_per_cpu_second": tokens / spent}


def learn_here(folder: Path) -> Found:
    """One epoch on the references of eight tasks."""
    from suture.training.trainer import train

    class Clock(Silent):
        tokens = 0

        def advance(self, done: int = 1, *, tokens: int = 0) -> None:
            self.tokens += tokens

        def start(self, stage: str, total: int) -> None:
            self.began = time.process_time()

        def finish(self) -> None:
            self.spent = time.process_time() - self.began

    clock, rows = Clock(), humaneval_rows(folder / "base", ROWS)
    settings = TrainSettings(strategy="naive", rank=16, alpha=32, epochs=1, batch=ROWS, precision="bfloat16")
    train(folder / "base", rows, settings, folder / "adapter", dataset_sha256="", progress=clock)
    return {"tokens_per_cpu_second": clock.tokens / clock.spent, "tokens": clock.tokens}


STEPS = {"prepare": prepare_here, "answer": answer_here, "learn": learn_here}


def make_shape(text: str, folder: Path) -> tuple[str, Path]:
    """Write a model of other dimensions with random weights; returns its name and where it lies."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    name, _, said = text.partition("=")
    model, *numbers = said.split(":")
    hidden, layers, heads, key_value, mlp = map(int, numbers)
    from suture.packs.bases.prepare_base import prepare_base

    prepare_base(Path(model), folder / "source")
    config = AutoConfig.from_pretrained(
        folder / "source",
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=key_value,
        intermediate_size=mlp,
    )
    config.layer_types = ["full_attention"] * layers
    config.max_window_layers = layers
    torch.manual_seed(0)
    made = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    made.save_pretrained(folder / name)
    AutoTokenizer.from_pretrained(folder / "source").save_pretrained(folder / name)
    return name, folder / name


def measured(step: str, *arguments: Path) -> Found:
    """The step in a process of its own, with its CPU seconds and the most memory it held."""
    command = [sys.executable, __file__, "--here", step, *map(str, arguments)]
    done = subprocess.run(
        command, env=os.environ | {"OMP_NUM_THREADS": "1"}, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{step} failed")
    return json.loads(done.stdout.strip().splitlines()[-1])


def cost(source: Path) -> dict[str, Found]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return {
            "prepare": measured("prepare", source, folder),
            "answer": measured("answer", folder),
            "learn": measured("learn", folder),
        }


def run_here(step: str, paths: Sequence[str]) -> None:
    found = STEPS[step](*map(Path, paths))
    used = resource.getrusage(resource.RUSAGE_SELF)
    found |= {"cpu_seconds": used.ru_utime + used.ru_stime, "most_memory_bytes": _most_memory()}
    print(json.dumps(found))


def _most_memory() -> int:
    """Bytes. Not ``ru_maxrss``, which counts what the process that started this one held."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*")
    parser.add_argument("--shape", action="append", default=[])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--here", choices=STEPS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        return run_here(options.here, options.models)
    found: dict[str, dict[str, Found]] = {}
    with tempfile.TemporaryDirectory() as name:
        shapes = [make_shape(text, Path(name)) for text in options.shape]
        for label, source in [*((Path(model).stem, Path(model)) for model in options.models), *shapes]:
            found[label] = cost(source)
            print(f"{label}: {json.dumps(found[label])}", file=sys.stderr)
    if options.out:
        options.out.write_text(json.dumps(found, indent=1) + "\n")
    return None


if __name__ == "__main__":
    main()
