"""The rows that docs/kinds.md shows can be read, and their references pass."""

import json
import re
from pathlib import Path

import pytest
from kinds import in_sandbox, verdict

from suture.judge import open_judge
from suture.loop.measuring.soundness import broken_tasks
from suture.suites.kinds import KINDS, kind_of
from suture.suites.own_rows import own_task

PAGE = (Path(__file__).parents[3] / "docs" / "kinds.md").read_text()
ROWS = [
    json.loads(line)
    for block in re.findall(r"^```jsonl\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]


def tried(task):
    with open_judge(workers=1) as judge:
        assert broken_tasks(judge, [task]) == ()
        return in_sandbox(judge, task, task.reference)


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_an_example_can_be_read_and_its_reference_passes(row):
    task = own_task(row, suite="docs", origin="kinds.md")
    told = verdict(task, row["reference"]) if kind_of(task).sandboxing is None else tried(task)
    assert told.passed


def test_every_kind_has_examples():
    assert {row["kind"] for row in ROWS} >= KINDS.keys() - {"python"}
