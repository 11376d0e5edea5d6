"""Prints what a policy keeps, repairs and hides beside the two models in it, from scoreboards of the same tasks.

    suture bench BASE --suite ... --out base.json
    suture bench REPAIRED --suite ... --out repaired.json
    suture bench --policy keep.yaml --suite ... --out keep.json
    python benchmarks/keep.py base.json keep.json repaired.json

Without the last file the repaired model alone has no row. The first two may be baseline.json and candidate.json in the
directory of a run of `suture heal`.

Negative flip rate: passes of the base that are lost, of all tasks. Relative, it is divided by what two models that err
independently would lose: (1 - error of the base) * (error of the other) (Yan et al., 2021, arXiv 2011.09161). Batches
of a policy are other batches than those of a model alone, so a rounding may differ.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from suture.core.measure.policy import Grounds
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.served_counts import count_served


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("base", "policy"):
        parser.add_argument(name, type=Path, help=f"scoreboard of the {name}")
    parser.add_argument("repaired", type=Path, nargs="?", help="scoreboard of the repaired model alone")
    arguments = parser.parse_args()
    base, policy = (Scoreboard.model_validate_json(path.read_bytes()) for path in (arguments.base, arguments.policy))
    repaired = arguments.repaired and Scoreboard.model_validate_json(arguments.repaired.read_bytes())
    boards = [("base", base), *([("repaired", repaired)] if repaired else []), ("policy", policy)]
    print("| suite | model | tasks | pass | gained | lost | negative flip rate | relative |")
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    for suite in base.suites:
        tasks = [result.task_id for result in base.results if result.suite == suite]
        for name, board in boards:
            print(_row(suite, name, tasks, base, board))
    _losses(base, policy)
    if repaired:
        _hidden(repaired, policy)
    _tiers(policy)


def _row(suite: str, name: str, tasks: Sequence[str], before: Scoreboard, after: Scoreboard) -> str:
    was, now = set(before.passed), set(after.passed)
    lost = [task for task in tasks if task in was and task not in now]
    gained = [task for task in tasks if task in now and task not in was]
    passed, other = (sum(task in side for task in tasks) for side in (was, now))
    rate = len(lost) / len(tasks)
    chance = passed / len(tasks) * (1 - other / len(tasks))
    relative = f"{rate / chance:.0%}" if name != "base" and chance else ""
    cells = [suite, name, len(tasks), other, len(gained), len(lost), f"{rate:.2%}" if name != "base" else "", relative]
    return f"| {' | '.join(map(str, cells))} |"


def _losses(base: Scoreboard, policy: Scoreboard) -> None:
    print("\nPasses of the base that the policy loses, and what their prompt shows:\n")
    lost = [task for task in base.passed if task not in set(policy.passed)]
    for task in lost:
        served = policy.by_task[task].served
        print(f"- {task}: {served.grounds.value if served else '-'}, answered by {served.tier if served else '-'}")
    print("" if lost else "- none")


def _hidden(repaired: Scoreboard, policy: Scoreboard) -> None:
    now = set(policy.passed)
    hidden = [task for task in repaired.passed if task not in now]
    print(f"What the repaired model passes alone and the policy does not: {len(hidden)}: {' '.join(hidden) or '-'}\n")


def _tiers(policy: Scoreboard) -> None:
    served = count_served(policy)
    if served is None:
        raise SystemExit("the third scoreboard is of a pack, not of a policy")
    shown = ", ".join(f"{grounds.value} {served.grounds[grounds]}" for grounds in Grounds if grounds in served.grounds)
    print(f"Held to: {shown}. fallback_count {served.fallback_count}; unaccepted {served.unaccepted}.\n")
    print("| tier | answers asked | tasks answered | of them pass | tokens an answer | prompt tokens | seconds |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for tier in served.tiers:
        per = max(tier.asked, 1)
        cells = [tier.name, tier.asked, tier.answered, tier.passed, f"{tier.tokens / per:.0f}"]
        print(f"| {' | '.join(map(str, cells))} | {tier.prompt_tokens / per:.0f} | {tier.seconds:.2f} |")


if __name__ == "__main__":
    main()
