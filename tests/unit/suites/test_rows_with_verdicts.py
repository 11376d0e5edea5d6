"""Rows of every kind with the verdict that is wanted of them, from a directory of one's own (``SUTURE_CASES``)."""

import json
import os
from functools import partial
from pathlib import Path

import pytest
from kinds import in_sandbox, own, verdict

from suture.judge import open_judge
from suture.loop.measuring.soundness import broken_tasks
from suture.suites.kinds import kind_of

CASES = Path(os.environ.get("SUTURE_CASES", Path(__file__).parents[4] / "shared" / "cases" / "jobs"))


def rows(kind):
    path = CASES / f"{kind}.jsonl"
    if not path.exists():
        pytest.skip(f"no {kind}.jsonl in SUTURE_CASES")
    return [json.loads(line) for line in path.read_text().splitlines()]


BFCL = "bfcl-ast@2026.3.23"


def found(row, judge):
    check = row["check"] | ({"rule": BFCL} if row["check"].get("rule") == "bfcl" else {})
    try:
        task = own(row["kind"], check, tools=row.get("tools", []), reference=row.get("reference"))
    except ValueError:
        return "broken"
    if broken_tasks(judge, [task]):
        return "broken"
    told = verdict if kind_of(task).sandboxing is None else partial(in_sandbox, judge)
    return told(task, row["answer"]).outcome.value


@pytest.mark.parametrize("kind", ["text", "json", "sql", "grader", "tool-calls"])
def test_every_row_has_the_verdict_that_is_wanted(kind):
    given = rows(kind)
    with open_judge(workers=1) as judge:
        assert {row["id"]: found(row, judge) for row in given} == {row["id"]: row["want"] for row in given}
