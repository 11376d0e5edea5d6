"""Prints what a repair of tool calls gained and lost, suite by suite, from the scoreboards of its run.

    python benchmarks/tools_table.py .suture/runs/tools-*

Only tasks of split ``holdout`` count for calls; for code, all tasks. The p of each row is McNemar's, exact. Where
nothing may be called, two rules are printed: an attempt at a call fails (this project's), and whatever does not decode
to a call passes (the official one).
"""

import sys
from collections.abc import Callable
from pathlib import Path

from suture.core.gate.statistics import mcnemar
from suture.core.measure.scoreboard import Result, Scoreboard
from suture.core.measure.splits import Split
from suture.suites.catalog import load_suites
from suture.suites.kinds.tool_calls.calls import NoCalls
from suture.suites.kinds.tool_calls.reading import read_calls

Passes = Callable[[Result], bool]


def main() -> None:
    print("| run | suite | tasks | before | after | gained | lost | p |\n|---|---|---:|---:|---:|---:|---:|---:|")
    for run in map(Path, sys.argv[1:]):
        before, after = (
            Scoreboard.model_validate_json((run / name).read_bytes()) for name in ("baseline.json", "candidate.json")
        )
        for suite in dict.fromkeys(result.suite for result in before.results):
            calls = suite.startswith("bfcl:")
            _row(run.name, suite, before, after, held_out=calls, passes=lambda result: result.verdict.passed)
            if suite.endswith("irrelevance"):
                offered = {task.id: [tool.name for tool in task.tools] for task in load_suites([suite])}
                _row(run.name, f"{suite}, official", before, after, held_out=True, passes=_officially(offered))


def _row(run: str, suite: str, before: Scoreboard, after: Scoreboard, *, held_out: bool, passes: Passes) -> None:
    name = suite.partition(",")[0]
    ids = [r.task_id for r in before.results if r.suite == name and (not held_out or r.split is Split.HOLDOUT)]
    was = [passes(before.by_task[task_id]) for task_id in ids]
    now = [passes(after.by_task[task_id]) for task_id in ids]
    gained = sum(b and not a for a, b in zip(was, now, strict=True))
    lost = sum(a and not b for a, b in zip(was, now, strict=True))
    where = " (held out)" if held_out else ""
    cells = [run, suite + where, len(ids), sum(was), f"{sum(now)} ({sum(now) / max(1, len(ids)):.0%})", gained, lost]
    print(f"| {' | '.join(map(str, cells))} | {mcnemar(gained, lost):.2g} |")


def _officially(offered: dict[str, list[str]]) -> Passes:
    def passes(result: Result) -> bool:
        try:
            return not read_calls(result.attempt.completion.text, offered[result.task_id])
        except NoCalls:
            return True

    return passes


if __name__ == "__main__":
    main()
