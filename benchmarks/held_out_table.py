"""Prints what a repair gained and lost on held-out tasks, suite by suite, from the files of its run.

    python benchmarks/held_out_table.py .suture/runs/tools-*

A suite that was not taught has a second row, of all its tasks. The p of each row is McNemar's, one-sided and exact.
Where nothing may be called, two rules are printed: an attempt at a call fails (this project's), and whatever does not
decode to a call passes (the official one). For suite ``json-repair``, what the library json-repair mends of the same
tasks is printed too.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from json_repair_library import mended

from suture.core.gate.statistics import mcnemar
from suture.core.measure.scoreboard import Result, Scoreboard
from suture.core.measure.splits import Split
from suture.core.teach.dataset import RowKind
from suture.store.datasets import read_dataset
from suture.suites.catalog import load_suite
from suture.suites.generated.json_repair.suite import NAME as JSON_REPAIR
from suture.suites.kinds.tool_calls.calls import NoCalls
from suture.suites.kinds.tool_calls.reading import read_calls

Passes = Callable[[Result], bool]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path, help="directories of runs, such as .suture/runs/tools-*")
    runs: list[Path] = parser.parse_args().runs
    print("| run | suite | tasks | before | after | gained | lost | p |\n|---|---|---:|---:|---:|---:|---:|---:|")
    for run in runs:
        before, after = (
            Scoreboard.model_validate_json((run / name).read_bytes()) for name in ("baseline.json", "candidate.json")
        )
        rows = read_dataset(run / "dataset").rows
        taught = {row.suite for row in rows if row.kind is RowKind.FAILURE}
        for suite in before.suites:
            measured = [result for result in before.results if result.suite == suite]
            held_out = [result for result in measured if result.split is Split.HOLDOUT]
            if held_out:
                _rows(run.name, suite, "held out", held_out, after)
            if suite not in taught:
                _rows(run.name, suite, "all", measured, after)


def _rows(run: str, suite: str, part: str, before: Sequence[Result], after: Scoreboard) -> None:
    _row(run, f"{suite} ({part})", before, after, passes=lambda result: result.verdict.passed)
    ids = {result.task_id for result in before}
    if suite.endswith("irrelevance"):
        offered = {task.id: [tool.name for tool in task.tools] for task in load_suite(suite)}
        _row(run, f"{suite} ({part}), official rule", before, after, passes=_officially(offered))
    if suite == JSON_REPAIR:
        by_library = [mended(task) for task in load_suite(suite) if task.id in ids]
        cells = [run, f"{suite} ({part}), the library", len(ids), "", _of(sum(by_library), len(ids)), "", "", ""]
        print(f"| {' | '.join(map(str, cells))} |")


def _row(run: str, suite: str, before: Sequence[Result], after: Scoreboard, *, passes: Passes) -> None:
    was = [passes(result) for result in before]
    now = [passes(after.by_task[result.task_id]) for result in before]
    print(f"| {run} | {suite} | {len(before)} | {changes(was, now)} |")


def changes(was: Sequence[bool], now: Sequence[bool]) -> str:
    """The cells before, after, gained, lost, p of the same tasks measured twice."""
    gained = sum(b and not a for a, b in zip(was, now, strict=True))
    lost = sum(a and not b for a, b in zip(was, now, strict=True))
    return f"{sum(was)} | {_of(sum(now), len(now))} | {gained} | {lost} | {mcnemar(gained, lost):.2g}"


def _of(passed: int, tasks: int) -> str:
    return f"{passed} ({passed / tasks:.0%})"


def _officially(offered: dict[str, list[str]]) -> Passes:
    def passes(result: Result) -> bool:
        try:
            return not read_calls(result.attempt.completion.text, offered[result.task_id])
        except NoCalls:
            return True

    return passes


if __name__ == "__main__":
    main()
