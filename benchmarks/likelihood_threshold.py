"""Would the base's own likelihood tell which of its answers to keep, where a prompt shows nothing?

    python benchmarks/likelihood_threshold.py .suture/runs/NAME-ID --base .suture/bases/ID [--rate 0.05] [--fails 100]
        [--out FILE]

The score of an answer: the mean log-probability of its tokens (nats), or the smallest one, under the base that gave it,
in float32, from one forward pass. The threshold is the highest that keeps all but so many passes that a loss rate of at
most ``--rate`` is certified (Clopper and Pearson, 95%). It is worth something if many wrong answers lie below it: they
would be the repaired model's to give. How many of those the repaired model passes is read from the run's candidate.
"""

import argparse
import json
import random
from pathlib import Path

import torch
from margins import answer_logits, auc

from suture.core.gate.statistics import upper_bound
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.scoreboard import Scoreboard
from suture.files.small_files import read_model
from suture.loop.measuring.questions import questions_of
from suture.loop.measuring.scoreboard_tasks import tasks_of
from suture.training.load import load_model, load_tokenizer

Scores = dict[str, float]


def log_probabilities(model: torch.nn.Module, prompt: list[int], answer: list[int]) -> torch.Tensor:
    """Of each token of the answer, in nats."""
    logits = answer_logits(model, prompt, answer)
    return logits.log_softmax(dim=1).gather(1, torch.tensor(answer)[:, None])[:, 0]


def threshold(passes: list[float], rate: float) -> tuple[float, int]:
    """The highest threshold that is certified, and how many passes lie below it; minus infinity where none is."""
    found = (-float("inf"), 0)
    for lost, score in enumerate(sorted(passes)):
        if upper_bound(lost, len(passes), 0.95) > rate:
            break
        found = (score, lost)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--base", type=Path, required=True, help="the base, prepared for training")
    parser.add_argument("--rate", type=float, default=0.05)
    parser.add_argument("--fails", type=int, help="look at so many answers that fail, drawn by a seed; all by default")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    board = read_model(options.run / "baseline.json", Scoreboard, what="scoreboard")
    served = read_model(options.run / "candidate.json", Scoreboard, what="scoreboard")
    failed = sorted(task for task in board.by_task if task not in set(board.passed))
    drawn = {*board.passed, *random.Random(0).sample(failed, min(len(failed), options.fails or len(failed)))}
    tasks = [task for task in tasks_of(board) if task.id in drawn]
    asked = questions_of(tasks, board.template, EngineChoice(max_tokens=board.max_tokens))
    tokenizer, model = load_tokenizer(options.base), load_model(options.base, torch.float32).eval()

    def ids(text: str) -> list[int]:
        return tokenizer(text, add_special_tokens=False)["input_ids"]

    mean: Scores = {}
    least: Scores = {}
    for question in asked:
        answer = ids(board.by_task[question.task.id].text)
        if answer:
            found = log_probabilities(model, ids(question.request.prompt), answer)
            mean[question.task.id], least[question.task.id] = float(found.mean()), float(found.min())
    report: dict[str, object] = {"tasks": len(asked), "without an answer": len(asked) - len(mean)}
    for name, scores in {"mean": mean, "smallest": least}.items():
        passed = set(board.passed) & scores.keys()
        at, lost = threshold([scores[one] for one in passed], options.rate)
        below = {one for one, score in scores.items() if score < at}
        report[name] = {
            "auc": auc(scores.keys() - passed, scores),  # of the answers that fail: they have the lower scores
            "passes": len(passed),
            "passes below": lost,
            "certified loss rate": round(upper_bound(lost, len(passed), 0.95), 4),
            "threshold": at,
            "wrong answers": len(scores) - len(passed),
            "wrong answers below": len(below - passed),
            "of them right when the repaired model answers": len(set(served.passed) & below - passed),
            "right when it answers all that are wrong": len(set(served.passed) & scores.keys() - passed),
        }
    print(json.dumps(report, indent=1))
    if options.out:
        options.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
