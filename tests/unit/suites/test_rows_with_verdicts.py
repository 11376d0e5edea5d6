"""Rows of every kind with the verdict that is wanted of them, from a directory of one's own (``SUTURE_CASES``)."""

import importlib.util
import os
from pathlib import Path

import pytest

from suture.judge import open_judge

CASES = Path(os.environ.get("SUTURE_CASES", Path(__file__).parents[4] / "shared" / "cases" / "jobs"))
_spec = importlib.util.spec_from_file_location(
    "handed_rows", Path(__file__).parents[3] / "benchmarks" / "handed_rows.py"
)
handed = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(handed)


@pytest.mark.parametrize("kind", handed.KINDS)
def test_every_row_has_the_verdict_that_is_wanted(kind):
    if not (CASES / f"{kind}.jsonl").exists():
        pytest.skip(f"no {kind}.jsonl in SUTURE_CASES")
    given = handed.rows_of(CASES, kind)
    with open_judge(workers=1) as judge:
        assert {row["id"]: handed.verdict_of(row, judge) for row in given} == {row["id"]: row["want"] for row in given}
