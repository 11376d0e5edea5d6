"""Whose a file is, and what is said of one that is nobody's."""

import pytest

from suture.core.errors import BadFile, UsageError
from suture.harnesses.opened import Choices
from suture.harnesses.read import read_results

HUMAN_EVAL = {"task_id": "HumanEval/0", "completion": "x", "result": "passed", "passed": True}
LM_EVAL = {"doc_id": 0, "metrics": ["acc"], "acc": 1}


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("r.jsonl", '{"task_id": "a"}', "line 1: no results that can be read, but an object with keys task_id"),
        ("r.jsonl", "{}", "an empty object"),
        ("r.jsonl", '{"task_id": "a", "completion": ""}', "samples that were not judged"),
        ("r.jsonl", '{"task_id": "a", "prompt": "", "test": ""}', "tasks, not answers to them"),
        ("r.jsonl", '{"messages": []}', "chats, as for fine-tuning"),
        ("r.json", '{"results": {}, "configs": {}, "versions": {}}', "lm-eval's averages"),
        ("r.json", '{"decision": "hold", "protected": [], "candidate_pack": ""}', "a gate report"),
        ("r.jsonl", '{"doc_id": 0, "metrics": []}', "line 1: metrics"),
        ("r.jsonl", '{"doc_id": 0}', "line 1: no field 'metrics'"),
        (
            "r.jsonl",
            '{"task_id": "a", "passed": "maybe", "result": "x"}',
            r"line 1: passed .*\(read as a file of human",
        ),
        ("r.jsonl", '{"task_id": "a", "passed": 0.5}', "line 1: 'passed' is 0.5, neither right nor wrong"),
        ("r.jsonl", "{\n", "not JSON: it ends"),
        ("r.json", "{", "not JSON: it ends"),
        ("r.json", '{"eval": {}}', "read as a file of evalplus"),
        ("r.json", '{"eval": {"a": [{"task_id": "a"}]}}', "no field 'eval.a.0.base_status'"),
        ("r.json", '{"eval": {"a": []}}', "results of evalplus without one sample"),
        ("r.json", '{"eval": {"a": [{"status": "pass"}]}, "date": ""}', "another program than evalplus"),
        ("r.json", '{"eval": {"a": {"nfiles": 1, "base": []}}, "hash": ""}', "an evalplus before 0.2"),
        ("r.json", '[{"question_id": "a", "question_content": "", "graded_list": [true]}]', "LiveCodeBench's judged"),
        ("r.jsonl", '{"doc_id": 0, "doc": {}, "resps": [["a"]], "acc": 1}', "before 0.4.3"),
        ("r.json", "[]", "a list, not an object"),
        ("r.json", "3", "a number, not an object"),
        ("r.json", '{"pack": "a", "suite_digest": "b"}', "no field 'template'"),
        ("r.json", '{"eval": {"a": []}}\n{"eval": {"a": []}}', "2 objects; a file of evalplus is one"),
    ],
)
def test_complaints(tmp_path, name, text, says):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(BadFile, match=says) as caught:
        read_results(path)
    assert "\n" not in str(caught.value)
    assert caught.value.mend


def test_rows_of_two_formats(write):
    with pytest.raises(BadFile, match="line 2: rows of two formats: this is none of lm-eval, as the first is"):
        read_results(write("r.jsonl", [LM_EVAL, HUMAN_EVAL]))


@pytest.mark.parametrize("option", ["metric", "filter", "scorer", "provider", "prompt"])
def test_an_option_that_chooses_nothing_is_refused(write, option):
    with pytest.raises(UsageError, match=f"--{option} chooses nothing in a file of human-eval; it has none"):
        read_results(write("r.jsonl", [HUMAN_EVAL]), Choices(**{option: "x"}))


def test_what_can_be_read_is_told_of_a_stranger(write):
    with pytest.raises(BadFile) as caught:
        read_results(write("r.json", {"a": 1}))
    for name in ("suture bench", "lm-eval", "evalplus", "human-eval", "inspect_ai", "promptfoo"):
        assert name in str(caught.value.mend)
