"""OpenAI's evals: logs of ``oaieval`` and output items of the Evals API."""

import json

import pytest

from suture.core.errors import BadFile
from suture.core.measure.verdict import Outcome
from suture.harnesses.read import read_results


def event(number, sample, kind, **data):
    found = {"run_id": "2611", "event_id": number, "sample_id": sample, "type": kind, "data": data}
    return {**found, "created_by": "", "created_at": "2026-11-27 12:00:00+00:00"}


LOG = [
    {"spec": {"completion_fns": ["m"], "eval_name": "capital.s1", "run_id": "2611"}},
    event(0, "capital.s1.0", "sampling", prompt=[{"role": "user", "content": "Capital of Peru?"}], sampled=["Lima"]),
    event(1, "capital.s1.0", "match", correct=True, expected="Lima", picked="Lima", sampled="Lima"),
    event(2, "capital.s1.1", "sampling", prompt="Capital of Chad?", sampled=[""]),
    event(3, "capital.s1.1", "match", correct=False, expected="N'Djamena", picked=None, sampled=""),
    event(4, "capital.s1.2", "error", type="TimeoutError", message="no answer in 40 s"),
    event(5, None, "metrics", accuracy=0.5),
    {"final_report": {"accuracy": 0.5}},
]


def item(number, *passed, status="completed", output="Lima", error=None):
    results = [
        {"name": f"g{i}", "type": "string_check", "passed": one, "score": float(one)} for i, one in enumerate(passed)
    ]
    sample = {"input": [], "output": [{"role": "assistant", "content": output}], "error": error}
    return {
        "object": "eval.run.output_item",
        "id": f"outputitem_{number}",
        "run_id": "evalrun_1",
        "eval_id": "eval_1",
        "status": status,
        "datasource_item_id": number,
        "datasource_item": {"q": f"question {number}"},
        "results": results,
        "sample": sample,
    }


def read(path, text):
    (path / "r.jsonl").write_text(text)
    reading = read_results(path / "r.jsonl")
    assert reading.harness == "openai-evals"
    return {task_id: entry for sheet in reading.sheets for task_id, entry in sheet.entries.items()}


def test_a_log(tmp_path):
    entries = read(tmp_path, "".join(json.dumps(row) + "\n" for row in LOG))
    assert {t: str(e.verdict.key) for t, e in entries.items()} == {
        "capital.s1.0": "pass",
        "capital.s1.1": "fail:no-answer",
        "capital.s1.2": entries["capital.s1.2"].verdict.key,
    }
    assert entries["capital.s1.2"].verdict.outcome is Outcome.FAULT
    assert entries["capital.s1.0"].answer == "Lima"
    assert entries["capital.s1.0"].suite == "capital"


@pytest.mark.parametrize("form", ["lines", "list"])
def test_output_items_pass_when_all_graders_do(tmp_path, form):
    items = [item(1, True, True), item(2, True, False), item(3, True, status="error"), item(4)]
    listed = json.dumps({"object": "list", "data": items, "has_more": False})
    text = listed if form == "list" else "".join(json.dumps(one) + "\n" for one in items)
    entries = read(tmp_path, text)
    assert [entry.verdict.outcome.value for entry in entries.values()] == ["pass", "fail", "fault", "fault"]


def test_a_log_in_which_nothing_was_decided(tmp_path):
    with pytest.raises(BadFile, match="no sample was decided"):
        read(tmp_path, json.dumps(LOG[0]) + "\n" + json.dumps(LOG[1]) + "\n")


def test_a_match_that_says_neither(tmp_path):
    with pytest.raises(BadFile, match="line 1: a match whose `correct` is None"):
        read(tmp_path, json.dumps(event(1, "a.0", "match", correct=None)) + "\n")
