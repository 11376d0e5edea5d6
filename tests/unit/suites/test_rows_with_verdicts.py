"""Rows of every kind with the verdict that is wanted of them, from a directory of one's own (``SUTURE_CASES``)."""

import json
import os
from pathlib import Path

import pytest
from kinds import own, verdict

CASES = Path(os.environ.get("SUTURE_CASES", Path(__file__).parents[4] / "shared" / "cases" / "jobs"))


def rows(kind):
    path = CASES / f"{kind}.jsonl"
    if not path.exists():
        pytest.skip(f"no {kind}.jsonl in SUTURE_CASES")
    return [json.loads(line) for line in path.read_text().splitlines()]


BFCL = "bfcl-ast@2026.3.23"


def found(row):
    check = row["check"] | ({"rule": BFCL} if row["check"].get("rule") == "bfcl" else {})
    try:
        task = own(row["kind"], check, tools=row.get("tools", []))
    except ValueError:
        return "broken"
    return verdict(task, row["answer"]).outcome.value


@pytest.mark.parametrize("kind", ["text", "json", "tool-calls"])
def test_every_row_has_the_verdict_that_is_wanted(kind):
    wanted = {row["id"]: row["want"] for row in rows(kind)}
    assert {row["id"]: found(row) for row in rows(kind)} == wanted
