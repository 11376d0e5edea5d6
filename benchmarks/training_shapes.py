"""Training of models of three sizes: tokens a second, share of the device's peak, and memory, beside trl.

    python benchmarks/training_shapes.py [--shapes 8B 1.5B 0.5B] [--minutes 6] [--peak-tflops 989]
        [--trl DIRECTORY] [--out docs/evidence/training-shapes.json]

Weights are random and rows are random tokens: only shapes count. Rows have between a quarter of ``--length`` and all of
it, a quarter of each is answer. Each case is a process of its own and prints a line as it ends; cases that would begin
after ``--minutes`` are named and left out. Cases of a shape:

    plain          cross-entropy on answers, by suture and by trl's SFTTrainer (the same rows, rank, batch, precision)
    kl             half of the rows are anchors that are held to the base (suture alone)
    kl, whole      the same with all logits of a pack at once, for what chunks save

A token costs 4 N operations (forward, and back through the activations: the N weights themselves have no gradient)
and attention over the tokens before it; the base's pass over anchors is not counted. trl is installed from the package
index, or lies in ``--trl`` where there is no network (``pip install --no-deps --target DIRECTORY trl==1.16.0``, and
``datasets``). Suture's own cases need torch, and of Suture's locked versions pydantic, transformers, peft, accelerate,
safetensors, tokenizers, jinja2 and PyYAML. The row with a goal comes first.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from trainer import environment_with, peer_directory


class Shape(NamedTuple):
    hidden: int
    inner: int
    layers: int
    heads: int
    key_heads: int
    vocabulary: int
    tied: bool

    def operations_a_token(self, before: float) -> float:
        """Of a forward and a backward pass with an adapter, ``before`` tokens in sight on average."""
        head_size = self.hidden // self.heads
        attention = 2 * self.hidden * self.hidden + 2 * self.hidden * head_size * self.key_heads
        weights = self.layers * (attention + 3 * self.hidden * self.inner)
        return 4 * weights + 3 * 4 * self.layers * self.hidden * before

    def operations_an_answer_token(self) -> float:
        """Of the head, which runs on answers only."""
        return 4 * self.hidden * self.vocabulary


LEAST_LENGTH = 32
"""Of the longest row: a quarter of the shortest one, and of that a quarter, is a prompt or an answer."""
SHAPES = {
    "tiny": Shape(64, 96, 2, 4, 2, 300, tied=True),
    "135M": Shape(576, 1536, 30, 9, 3, 49_152, tied=True),
    "0.5B, one layer": Shape(896, 4864, 1, 14, 2, 151_936, tied=True),
    "0.5B": Shape(896, 4864, 24, 14, 2, 151_936, tied=True),
    "1.5B": Shape(1536, 8960, 28, 12, 2, 151_936, tied=True),
    "8B": Shape(4096, 14_336, 32, 32, 8, 128_256, tied=False),
}
RANK, LR = 16, 1e-4
CASES = (("plain", "suture"), ("plain", "trl"), ("kl", "suture"), ("kl, whole", "suture"))


def random_model(shape: Shape, length: int, *, lower: bool) -> Any:
    """On the GPU where there is one; layers in BF16 and the rest in float32, as training loads a base."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        intermediate_size=shape.inner,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.key_heads,
        max_position_embeddings=length,
        tie_word_embeddings=shape.tied,
        dtype=torch.bfloat16 if lower else torch.float32,
        attn_implementation="eager",
    )
    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16 if lower else torch.float32)
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model = LlamaForCausalLM(config)
    torch.set_default_dtype(torch.float32)
    return model


def row_lengths(rows: int, length: int) -> list[int]:
    drawn = random.Random(0)
    return [drawn.randint(length // 4, length) for _ in range(rows)]


def row_tokens(lengths: list[int], vocabulary: int) -> list[list[int]]:
    drawn = random.Random(1)
    return [[drawn.randrange(vocabulary) for _ in range(length)] for length in lengths]


def arguments(out: str, batch: int, *, lower: bool, cls: type, **more: Any) -> Any:
    import torch

    return cls(
        output_dir=out, num_train_epochs=1, learning_rate=LR, per_device_train_batch_size=batch, weight_decay=0.0,
        optim="adamw_torch_fused", seed=0, data_seed=0, use_cpu=not torch.cuda.is_available(), save_strategy="no",
        logging_strategy="no", report_to="none", disable_tqdm=True, log_level="error", dataloader_pin_memory=False,
        remove_unused_columns=False, **more,
    )  # fmt: skip


def clocked(trainer: Any, skipped: int) -> dict[str, float]:
    """Train, and time the steps after the first ``skipped``."""
    import torch
    from transformers import TrainerCallback

    class Clock(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            if state.global_step == skipped:
                self.began = time.perf_counter()
            self.ended = time.perf_counter()

    clock = Clock()
    trainer.add_callback(clock)
    loss = trainer.train().training_loss
    gpu = torch.cuda.is_available()
    peak = torch.cuda.max_memory_allocated() if gpu else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    return {"seconds": clock.ended - clock.began, "loss": loss, "peak_bytes": peak}


def by_suture(case: dict[str, Any], shape: Shape, tokens: list[list[int]], out: str) -> dict[str, Any]:
    from transformers import TrainingArguments

    from suture.core.model.train_settings import Strategy, TrainSettings
    from suture.training import pack_losses
    from suture.training.deterministic import deterministic
    from suture.training.examples import Example
    from suture.training.fresh_adapter import put_adapter_on
    from suture.training.frozen_base import FrozenBase
    from suture.training.journal import Journal
    from suture.training.objective import objective_of
    from suture.training.repair_trainer import RepairTrainer
    from suture.training.step_plan import gradients_here, planned_from

    if case["rows"] == "kl, whole":
        pack_losses.pack_gradients.__kwdefaults__["chunk_logits"] = 1 << 60
    held = case["rows"] != "plain"
    strategy = Strategy.REPLAY_KL if held else Strategy.NAIVE
    settings = TrainSettings(rank=RANK, alpha=2 * RANK, lr=LR, batch=case["batch"], strategy=strategy)
    model = random_model(shape, case["length"], lower=case["lower"])
    if case["lower"]:
        model.get_input_embeddings().float()
        model.get_output_embeddings().float()
    model = put_adapter_on(model, settings)
    base, objective = FrozenBase(model), objective_of(settings)
    examples = [Example(tuple(row), len(row) // 4, held and at % 2 == 1, at) for at, row in enumerate(tokens)]
    journal = Journal(None)
    with (
        deterministic(one_thread=model.device.type == "cpu"),
        gradients_here(model, base, objective, planned_from(examples, objective)) as gradients,
    ):
        gradients._most_tokens = case["packed"] or gradients._most_tokens
        trainer = RepairTrainer(
            model=model,
            args=arguments(out, case["batch"], lower=case["lower"], cls=TrainingArguments),
            train_dataset=examples,
            journal=journal,
            gradients=gradients,
        )
        found = clocked(trainer, case["skipped"])
    attention = model.get_base_model().config._attn_implementation
    return found | {"attention": attention, "recomputed": model.get_base_model().is_activation_checkpointing}


def by_trl(case: dict[str, Any], shape: Shape, tokens: list[list[int]], out: str) -> dict[str, Any]:
    from datasets import Dataset
    from peft import LoraConfig
    from trl import SFTConfig, SFTTrainer

    model = random_model(shape, case["length"], lower=case["lower"])
    model.set_attn_implementation("sdpa")
    rows = [
        {"input_ids": row, "completion_mask": [0] * (len(row) - len(row) // 4) + [1] * (len(row) // 4)}
        for row in tokens
    ]
    modules = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    lora = LoraConfig(r=RANK, lora_alpha=2 * RANK, lora_dropout=0.0, target_modules=modules, task_type="CAUSAL_LM")
    settings = arguments(
        out, case["batch"], lower=case["lower"], cls=SFTConfig, bf16=case["lower"], max_length=case["length"],
        completion_only_loss=True, gradient_checkpointing=False, packing=False,
    )  # fmt: skip
    tokenizer = _any_tokenizer(out, shape.vocabulary)
    trainer = SFTTrainer(
        model=model, args=settings, train_dataset=Dataset.from_list(rows), peft_config=lora, processing_class=tokenizer
    )
    return clocked(trainer, case["skipped"])


def _any_tokenizer(out: str, vocabulary: int) -> Any:
    """trl wants one to pad with."""
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    words = {f"<{at}>": at for at in range(min(vocabulary, 300))}
    return PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.WordLevel(words, unk_token="<0>")), pad_token="<1>", eos_token="<2>"
    )


def one_case(case: dict[str, Any]) -> None:
    shape = SHAPES[case["shape"]]
    lengths = row_lengths(case["count"], case["length"])
    tokens = row_tokens(lengths, shape.vocabulary)
    with tempfile.TemporaryDirectory() as out:
        found = (by_suture if case["trainer"] == "suture" else by_trl)(case, shape, tokens, out)
    print(json.dumps(found))


def worked(case: dict[str, Any], found: dict[str, Any], peak_tflops: float) -> dict[str, Any]:
    """Rates from what a case measured. The rows of the steps that were skipped are those that the sampler drew first:
    they are taken as average ones."""
    shape, lengths = SHAPES[case["shape"]], row_lengths(case["count"], case["length"])
    part = 1 - case["skipped"] * case["batch"] / case["count"]
    tokens, answers = sum(lengths) * part, sum(length // 4 for length in lengths) * part
    before = sum(length * length for length in lengths) / 2 / sum(lengths)
    operations = tokens * shape.operations_a_token(before) + answers * shape.operations_an_answer_token()
    return {
        "tokens_per_second": round(tokens / found["seconds"], 1),
        "tflops": round(operations / found["seconds"] / 1e12, 3),
        "of_peak": round(operations / found["seconds"] / 1e12 / peak_tflops, 3) if peak_tflops else None,
        "peak_gib": round(found["peak_bytes"] / (1 << 30), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, default=["8B", "1.5B", "0.5B"])
    parser.add_argument("--count", type=int, default=128, help="rows")
    parser.add_argument("--length", type=int, default=1024, help="most tokens of a row")
    parser.add_argument("--batch", type=int, default=16, help="rows of a step")
    parser.add_argument("--skipped", type=int, default=2, help="steps before the clock starts")
    parser.add_argument("--minutes", type=float, default=6)
    parser.add_argument("--packed", type=int, default=0, help="tokens of a pack on a CPU, where rows are apart")
    parser.add_argument("--float32", action="store_true", help="in place of BF16")
    parser.add_argument("--peak-tflops", type=float, default=0, help="of the device: 989 for an H100 or H200 in BF16")
    parser.add_argument("--trl", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--case", type=json.loads, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.case:
        one_case(given.case)
        return
    if not (given.skipped >= 1 and (given.skipped + 1) * given.batch <= given.count and given.length >= LEAST_LENGTH):
        parser.error(
            f"of --count rows at least one step of --batch has to be measured, after --skipped ones of at least "
            f"one, and --length is at least {LEAST_LENGTH}"
        )
    began, results = time.monotonic(), []
    for name in given.shapes:
        for rows, trainer in CASES:
            case = {
                "shape": name, "rows": rows, "trainer": trainer, "count": given.count, "length": given.length,
                "batch": given.batch, "skipped": given.skipped, "packed": given.packed, "lower": not given.float32,
            }  # fmt: skip
            left = given.minutes * 60 - (time.monotonic() - began)
            said = _run(case, given.trl, left) if left > 5 else {"left_out": "no time left"}
            if "seconds" in said:
                said |= worked(case, said, given.peak_tflops)
            results.append({"shape": name, "rows": rows, "trainer": trainer} | said)
            print(json.dumps(results[-1]), flush=True)
            if given.out:
                given.out.write_text(json.dumps(_report(given, results), indent=1) + "\n", encoding="utf-8")


def _run(case: dict[str, Any], trl: Path | None, left: float) -> dict[str, Any]:
    """What one case printed, or why it printed nothing: no case can cost the ones after it."""
    try:
        peer = (trl or peer_directory()) if case["trainer"] == "trl" else None
    except subprocess.CalledProcessError as error:
        return {"failed": f"trl cannot be installed (exit code {error.returncode}): give --trl"}
    one_gpu = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0]  # Trainer would take all
    environment = environment_with(peer, CUDA_VISIBLE_DEVICES=one_gpu)
    command = [sys.executable, __file__, "--case", json.dumps(case)]
    try:
        done = subprocess.run(
            command, env=environment, check=False, capture_output=True, text=True, timeout=max(1, left)
        )
    except subprocess.TimeoutExpired:
        return {"left_out": "ran out of time"}
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        return {"failed": said[-1][:300]}
    return json.loads(done.stdout.strip().splitlines()[-1])


def _report(given: argparse.Namespace, results: list[dict[str, Any]]) -> dict[str, Any]:
    import torch
    import transformers

    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    settings = {name: getattr(given, name) for name in ("count", "length", "batch", "skipped", "float32")}
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    return {"gpu": gpu, "versions": versions, "rank": RANK, **settings, "cases": results}


if __name__ == "__main__":
    main()
