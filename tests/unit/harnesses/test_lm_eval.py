"""Samples of lm-eval: the fixtures have the fields and nesting that lm-eval 0.4.13 writes."""

import pytest

from suture.core.errors import StaleEvidence, UnknownName, UsageError
from suture.core.gate.decision import gate
from suture.harnesses.opened import Choices
from suture.harnesses.read import read_results, read_sides


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


SAMPLES = "samples_gsm8k_2026-11-25T10-00-00.123456.jsonl"


def test_rows_are_tasks(write):
    rows = [lm_eval(0), lm_eval(1, answer="5", exact_match=0.0), lm_eval(2, answer="[invalid]", exact_match=0.0)]
    reading = read_results(write(SAMPLES, rows))
    (sheet,) = reading.sheets
    assert list(sheet.entries) == ["gsm8k/0", "gsm8k/1", "gsm8k/2"]
    assert [entry.verdict.key for entry in sheet.entries.values()] == ["pass", "fail:wrong", "fail:no-answer"]
    entry = sheet.entries["gsm8k/0"]
    assert (entry.suite, entry.tags, entry.answer) == ("gsm8k", ("arithmetic",), "It is 4")
    assert sheet.instrument["metric"] == "exact_match"
    assert reading.taken["filter"].others == ()


def test_filters_and_metrics_are_chosen_by_name(verdicts):
    rows = [lm_eval(0, filter_name="strict-match", acc=1, acc_norm=0), lm_eval(0, acc=0, acc_norm=1)]
    assert verdicts(SAMPLES, rows) == [{"gsm8k/0": "pass"}]
    assert verdicts(SAMPLES, rows, metric="acc_norm") == [{"gsm8k/0": "fail:wrong"}]
    assert verdicts(SAMPLES, rows, filter="flexible-extract") == [{"gsm8k/0": "fail:wrong"}]
    with pytest.raises(UnknownName, match="unknown filter"):
        verdicts(SAMPLES, rows, filter="flexible")
    with pytest.raises(UnknownName, match="unknown metric"):
        verdicts(SAMPLES, rows, metric="f1")


def test_what_was_taken_of_several_is_told(write):
    rows = [lm_eval(0, filter_name="strict-match", acc=1, acc_norm=0), lm_eval(0, acc=0, acc_norm=1)]
    path = write(SAMPLES, rows)
    reading = read_results(path)
    assert reading.says == (
        f"{path}: read as lm-eval; metric acc, not acc_norm (--metric chooses); "
        "filter strict-match, not flexible-extract (--filter chooses)"
    )
    assert reading.to_json()["filter"] == {"taken": "strict-match", "not_taken": ["flexible-extract"]}


def test_a_metric_that_is_no_verdict_is_refused(write):
    with pytest.raises(UsageError, match=r"document 0: metric rouge is 0.4, not 0 or 1"):
        read_results(write(SAMPLES, [lm_eval(0, rouge=0.4)]))


def test_a_document_twice_is_refused(write):
    with pytest.raises(UsageError, match="document 0 is there twice"):
        read_results(write(SAMPLES, [lm_eval(0), lm_eval(0)]))


@pytest.mark.parametrize("names", [(SAMPLES, "baseline.jsonl"), ("a.jsonl", SAMPLES), ("a.jsonl", "b.jsonl")])
def test_a_renamed_file_is_of_the_same_task(write, names):
    before, after = (write(name, [lm_eval(0), lm_eval(1)]) for name in names)
    one, two = read_sides([before], [after], Choices())
    report = gate(one[0].sheets, two[0].sheets)
    assert len(report.kept) == 2


def test_files_of_two_tasks_are_not_compared(write):
    before = write(SAMPLES, [lm_eval(0)])
    after = write("samples_arc_easy_2026-11-25T10-00-00.123456.jsonl", [lm_eval(0)])
    one, two = read_sides([before], [after], Choices())
    with pytest.raises(StaleEvidence, match=r"differ in their suite \(gsm8k and arc_easy\)"):
        gate(one[0].sheets, two[0].sheets)


def test_two_filters_are_not_compared(write):
    one = read_results(write("a.jsonl", [lm_eval(0, filter_name="strict-match")])).sheets
    two = read_results(write("b.jsonl", [lm_eval(0)])).sheets
    with pytest.raises(StaleEvidence, match=r"filter \(strict-match and flexible-extract\)") as caught:
        gate(one, two)
    assert caught.value.mend == "choose one that both have: --filter NAME"


@pytest.mark.parametrize("doc_id", [3, "3", 3.0])
def test_numbers_are_ids(verdicts, doc_id):
    assert verdicts(SAMPLES, [lm_eval(doc_id)]) == [{"gsm8k/3": "pass"}]
