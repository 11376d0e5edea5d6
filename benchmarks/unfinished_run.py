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

from held_out_table import changes

from suture.core.measure.attempt import Attempt
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.splits import Split
from suture.core.measure.task import Task
from suture.core.measure.verdict import Verdict
from suture.judge import open_judge
from suture.suites.catalog import load_suite
from suture.suites.kinds import decided


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
            now = _passed([(tasks[result.task_id], answered[result.task_id]) for result in asked])
            was = [result.verdict.passed for result in asked]
            print(f"| {suite} | {len(asked)} of {len(held_out)} | {changes(was, now)} |")


def _greedy_answers(ledger: Path, base: str) -> Mapping[str, Attempt]:
    connection = sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)
    records = [json.loads(record) for (record,) in connection.execute("SELECT record FROM attempts ORDER BY seq")]
    found = [Attempt.model_validate(record) for record in records if record["pack"] != base]
    return {attempt.task_id: attempt for attempt in found if attempt.sampling.temperature == 0}


def _passed(pairs: Sequence[tuple[Task, Attempt]]) -> list[bool]:
    """Pure kinds are decided, programs are run in the sandbox."""
    found = [decided(task, attempt.completion) for task, attempt in pairs]
    passed = [isinstance(one, Verdict) and one.passed for one in found]
    if run := {at: one for at, one in enumerate(found) if not isinstance(one, Verdict)}:
        places = list(run)
        with open_judge() as judge:
            for at, verdict in judge.judge(list(run.values())):
                passed[places[at]] = verdict.passed
    return passed


if __name__ == "__main__":
    main()
