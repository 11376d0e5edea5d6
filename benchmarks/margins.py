"""Are the passes that are lost, or that flip, those with the smallest margins? AUC, from a run that is in a store.

    python benchmarks/margins.py .suture/runs/NAME-ID --base .suture/bases/ID [--scale 1.0] [--out FILE]

The margin of a pass: over all tokens of the base's own greedy answer, the smallest difference between the logit of that
token and that of the next likeliest, in float32, from one forward pass. Computed under the base and under the repaired
model (base and adapter). What it should foretell: passes that the repaired pack loses; answers of the base that differ,
and passes that it loses, when it is asked the passes alone, in batches of other tasks, in each of OpenVINO's numbers.
"""

import argparse
import json
import tempfile
from pathlib import Path

import torch
from peft import PeftModel

from suture.core.measure.engine_choice import EngineChoice, Numbers
from suture.core.measure.scoreboard import Result, Scoreboard
from suture.core.measure.task import Task
from suture.files.small_files import read_model, sha256_of
from suture.loop.measuring.measure import measure
from suture.loop.measuring.pack_file import PackFile
from suture.loop.measuring.questions import questions_of
from suture.loop.measuring.scoreboard_tasks import tasks_of
from suture.training.load import load_model, load_tokenizer
from suture.wiring.gguf_packs import GgufPacks
from suture.wiring.open_workshop import open_workshop


def answer_logits(model: torch.nn.Module, prompt: list[int], answer: list[int]) -> torch.Tensor:
    """Of each token of the answer (tokens x vocabulary), from one forward pass."""
    with torch.no_grad():
        return model(torch.tensor([prompt + answer])).logits[0, len(prompt) - 1 : -1].float()


def margin(model: torch.nn.Module, prompt: list[int], answer: list[int]) -> float:
    """In logits; below 0 where the model would say something else somewhere in the answer."""
    logits = answer_logits(model, prompt, answer)
    said = torch.tensor(answer)
    own = logits.gather(1, said[:, None])[:, 0]
    others = logits.scatter(1, said[:, None], -torch.inf).max(dim=1).values
    return float((own - others).min())


def auc(happened: set[str], margins: dict[str, float]) -> float | None:
    """How often a task to which it happened has the smaller margin than one to which it did not; ties count half."""
    pairs = [(margins[one], margins[other]) for one in happened for other in margins.keys() - happened]
    return round(sum((a < b) + (a == b) / 2 for a, b in pairs) / len(pairs), 3) if pairs else None


def margins_of(model: torch.nn.Module, tokenizer, prompts: dict[str, str], board: Scoreboard) -> dict[str, float]:
    def ids(text: str) -> list[int]:
        return tokenizer(text, add_special_tokens=False)["input_ids"]

    return {name: margin(model, ids(prompt), ids(board.by_task[name].text)) for name, prompt in prompts.items()}


def answers(pack: Path, tasks: list[Task], numbers: Numbers, threads: int) -> dict[str, Result]:
    """Of the tasks by themselves, so in other batches than those of the run."""
    with tempfile.TemporaryDirectory() as home, open_workshop(Path(home)) as workshop:
        file = PackFile(pack, sha256_of(pack), GgufPacks().template(pack))
        choice = EngineChoice(threads=threads, numbers=numbers)
        return dict(measure(workshop, file, tasks, engine=choice, selectors=("passes",)).by_task)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--base", type=Path, required=True, help="the base, prepared for training")
    parser.add_argument("--base-pack", type=Path, required=True, help="the pack that was the baseline")
    parser.add_argument("--scale", type=float, default=1.0, help="of the adapter, as it was merged")
    parser.add_argument("--numbers", nargs="+", default=["native", "pinned"])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--most", type=int, default=10_000, help="passes to look at")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    board = read_model(arguments.run / "baseline.json", Scoreboard, what="scoreboard")
    tasks = [task for task in tasks_of(board) if task.id in board.passed][: arguments.most]
    asked = questions_of(tasks, board.template, EngineChoice(max_tokens=board.max_tokens))
    prompts = {question.task.id: question.request.prompt for question in asked}

    tokenizer, model = load_tokenizer(arguments.base), load_model(arguments.base, torch.float32).eval()
    under_base = margins_of(model, tokenizer, prompts, board)
    repaired = PeftModel.from_pretrained(model, str(arguments.run / "adapter"))
    for layer in repaired.modules():
        if hasattr(layer, "scaling") and isinstance(layer.scaling, dict):
            layer.scaling = {name: value * arguments.scale for name, value in layer.scaling.items()}
    under_repaired = margins_of(repaired.eval(), tokenizer, prompts, board)

    happened: dict[str, set[str]] = {}
    candidate = answers(arguments.run / "pack.gguf", tasks, Numbers(arguments.numbers[0]), arguments.threads)
    happened["lost by the repaired pack"] = {name for name in prompts if not candidate[name].verdict.passed}
    happened["said otherwise by it"] = {name for name in prompts if candidate[name].text != board.by_task[name].text}
    for numbers in arguments.numbers:
        found = answers(arguments.base_pack, tasks, Numbers(numbers), arguments.threads)
        other = {name for name in prompts if found[name].text != board.by_task[name].text}
        happened[f"base, {numbers}, other batches: another answer"] = other
        happened[f"base, {numbers}, other batches: lost"] = {n for n in prompts if not found[n].verdict.passed}
    table = {
        what: {
            "tasks": len(names),
            "of": len(prompts),
            "auc_of_margin_under_base": auc(names, under_base),
            "auc_of_margin_under_repaired": auc(names, under_repaired),
        }
        for what, names in happened.items()
    }
    found = {"margins": {name: [round(under_base[name], 4), round(under_repaired[name], 4)] for name in prompts}}
    found |= {"happened": {what: sorted(names) for what, names in happened.items()}, "auc": table}
    print(json.dumps(table, indent=1))
    if arguments.out:
        arguments.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
