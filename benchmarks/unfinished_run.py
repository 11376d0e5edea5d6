"""Prints what a run that was cut off had measured of its candidate: the answers in its ledger, judged here.

    python benchmarks/unfinished_run.py STORE/ledger.db STORE/runs/RUN/baseline.json

Rows are held-out tasks; "answered" says how many of them the candidate had been asked. There is no decision: a run that
did not end has none.
"""

import argparse
import json
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

from suture.core.gate.statistics import mcnemar
from suture.core.measure.attempt import Attempt
from suture.core.measure.scoreboard import Result, Scoreboard
from suture.core.measure.splits import Split
from suture.core.measure.task import Task
from suture.core.measure.verdict import Verdict
from suture.judge import open_judge
from suture.suites.catalog import load_suite
from suture.suites.kinds import kind_of, submission_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ledger", type=Path)
    parser.add_argument("baseline", type=Path)
    parser.add_argument("--not-taught", nargs="*", default=[], help="suites of which every task counts as held out")
    arguments = parser.parse_args()
    before = Scoreboard.model_validate_json(arguments.baseline.read_bytes())
    answered = _greedy_answers(arguments.ledger, before.pack)
    print("| suite | answered | before | after | gained | lost | p |\n|---|---:|---:|---:|---:|---:|---:|")
    for suite in before.suites:
        tasks = {task.id: task for task in load_suite(suite)}
        held_out = [
            result
            for result in before.results
            if result.suite == suite and (result.split is Split.HOLDOUT or suite in arguments.not_taught)
        ]
        asked = [result for result in held_out if result.task_id in answered]
        if asked:
            _row(suite, len(held_out), asked, _passed([(tasks[r.task_id], answered[r.task_id]) for r in asked]))


def _greedy_answers(ledger: Path, base: str) -> Mapping[str, Attempt]:
    connection = sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)
    records = [json.loads(record) for (record,) in connection.execute("SELECT record FROM attempts ORDER BY seq")]
    found = [Attempt.model_validate(record) for record in records if record["pack"] != base]
    return {attempt.task_id: attempt for attempt in found if attempt.sampling.temperature == 0}


def _passed(pairs: Sequence[tuple[Task, Attempt]]) -> list[bool]:
    """Pure kinds are decided, programs are run in the sandbox."""
    passed: dict[int, bool] = {}
    run = {}
    for place, (task, attempt) in enumerate(pairs):
        answer = kind_of(task).extract(task, attempt.completion)
        verdict = answer if isinstance(answer, Verdict) else kind_of(task).decide(task, answer)
        if verdict is None:
            run[place] = submission_of(task, str(answer))
        else:
            passed[place] = verdict.passed
    if run:
        with open_judge() as judge:
            places = list(run)
            passed |= {places[at]: verdict.passed for at, verdict in judge.judge(list(run.values()))}
    return [passed[place] for place in range(len(pairs))]


def _row(suite: str, tasks: int, before: Sequence[Result], after: Sequence[bool]) -> None:
    was = [result.verdict.passed for result in before]
    gained = sum(b and not a for a, b in zip(was, after, strict=True))
    lost = sum(a and not b for a, b in zip(was, after, strict=True))
    now = f"{sum(after)} ({sum(after) / len(after):.0%})"
    print(
        f"| {suite} | {len(before)} of {tasks} | {sum(was)} | {now} | {gained} | {lost} | {mcnemar(gained, lost):.2g} |"
    )


if __name__ == "__main__":
    main()
