"""Which passes of a base *keep* could lose, whatever answers after it: from scoreboards of the base alone.

    suture bench BASE --suite mbpp:11-974 --suite humaneval --out base.json
    ONEDNN_MAX_CPU_ISA=AVX512_CORE suture bench BASE ... --out other.json
    python benchmarks/keep_law.py base.json other.json

*Keep* gives the base's answer where it fits what the prompt shows, or where that shows nothing but a form (``silent:
stand``). So a pass can be lost only where a right answer does not fit its own prompt, and that is seen without a
repaired model: no seed, scale or training has a part in it. With a second scoreboard, of another machine or other
instructions, it is also said how many answers and verdicts differ from those of the first.
"""

import argparse
from pathlib import Path

from shown_checks import WEAK, verdicts

from suture.core.measure.asked import asked_of
from suture.core.measure.scoreboard import Scoreboard
from suture.judge import open_judge
from suture.suites.catalog import load_suites
from suture.suites.kinds.acceptance import counted_by


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("boards", type=Path, nargs="+", help="scoreboards of the base, of the same tasks")
    paths: list[Path] = parser.parse_args().boards
    boards = [(path.stem, Scoreboard.model_validate_json(path.read_bytes())) for path in paths]
    (_, first), *others = boards
    if any(board.by_task.keys() != first.by_task.keys() for _, board in others):
        parser.error("the scoreboards are not of the same tasks")
    print("| scoreboard | engine's numbers | tasks | pass | fit their prompt | shown a form at most | may be lost |")
    print("|---|---|---:|---:|---:|---:|---:|")
    named: list[str] = []
    for name, board in boards:
        silent, refused = _held(board)
        fit = len(board.passed) - len(silent) - len(refused)
        cells = [name, board.engine.numbers, len(board.results), len(board.passed), fit, len(silent), len(refused)]
        print(f"| {' | '.join(map(str, cells))} |")
        named += [f"- {name}: {task} ({why})" for task, why in refused.items()]
    print("\n" + "\n".join(named or ["- none may be lost"]))
    for name, board in others:
        pairs = [(first.by_task[one.task_id], one) for one in board.results]
        answers = sum(one.text != other.text for one, other in pairs)
        flips = [one.task_id for one, other in pairs if one.verdict.passed != other.verdict.passed]
        print(f"- {name}: {answers} of {len(pairs)} answers differ, {len(flips)} verdicts ({' '.join(flips) or '-'})")
    return int(bool(named))


def _held(board: Scoreboard) -> tuple[list[str], dict[str, str]]:
    """Of the passes: those whose prompt shows a form at most, and those that do not fit it, with the reason."""
    tasks = {task.id: task for task in load_suites(list(board.selectors))}
    shown = {name: counted_by(asked_of(tasks[name])) for name in board.passed}
    held = [(name, one.test) for name, one in shown.items() if one is not None and one.grounds not in WEAK]
    with open_judge() as judge:
        found = verdicts(judge, [(test, board.by_task[name].attempt.completion) for name, test in held])
    refused = {name: verdict.detail[:100] for (name, _), verdict in zip(held, found, strict=True) if not verdict.passed}
    return [name for name in shown if name not in dict(held)], refused


if __name__ == "__main__":
    raise SystemExit(main())
