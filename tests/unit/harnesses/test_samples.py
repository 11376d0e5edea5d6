import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tasks import python_task

from suture.core.errors import BadFile, UnknownName
from suture.core.measure.checks.python import CheckFunction
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.harnesses.samples import pass_at_k, read_samples, results_text, tasks_scored, unbiased

TASK = python_task(
    id="HumanEval/0", suite="humaneval", messages=(), stub="def f():\n", entry_point="f", tests=CheckFunction(source="")
)
PASS = Verdict(outcome=Outcome.PASS)
FAIL = Verdict(outcome=Outcome.FAIL, reason=Reason.WRONG, detail="no")
FAULT = Verdict(outcome=Outcome.FAULT, reason=Reason.FAULT)


def write(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_completion_goes_on_from_the_prompt_and_a_solution_is_whole(tmp_path):
    path = write(
        tmp_path / "s.jsonl",
        {"task_id": "HumanEval/0", "completion": "    return 1\n"},
        {"task_id": "HumanEval/0", "solution": "def f(): return 2\n"},
    )
    first, second = read_samples(path, [TASK])
    assert first.program == "def f():\n    return 1\n"
    assert second.program == "def f(): return 2\n"
    assert (first.number, second.number) == (0, 1)


def test_gzip(tmp_path):
    path = tmp_path / "s.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"task_id": "HumanEval/0", "completion": ""}\n'))
    assert len(read_samples(path, [TASK])) == 1


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "line 1"),
        ("[]", "line 1"),
        ('{"task_id": true, "completion": ""}', "line 1"),
        ('{"task_id": 0.5, "completion": ""}', "line 1"),
        ('{"task_id": "HumanEval/0"}', "line 1"),
        ('{"task_id": "HumanEval/0", "completion": null}', "line 1: its answer is null"),
        ('{"task_id": "HumanEval/0", "prompt": "", "test": ""}', "this is tasks, not answers to them"),
        ("", "an empty file"),
    ],
)
def test_broken_files_are_refused_with_their_line(tmp_path, text, complaint):
    path = tmp_path / "s.jsonl"
    path.write_text(text)
    with pytest.raises(BadFile, match=complaint):
        read_samples(path, [TASK])


def test_a_missing_file(tmp_path):
    with pytest.raises(BadFile):
        read_samples(tmp_path / "none.jsonl", [TASK])


def test_an_unknown_task_is_named(tmp_path):
    with pytest.raises(UnknownName, match="HumanEval/00"):
        read_samples(write(tmp_path / "s.jsonl", {"task_id": "HumanEval/00", "completion": ""}), [TASK])


def test_evalplus_s_spelling_finds_a_row_of_one_s_own(tmp_path):
    task = TASK.model_copy(update={"id": "902"})
    samples = read_samples(write(tmp_path / "s.jsonl", {"task_id": "Mbpp/902", "completion": ""}), [task])
    assert samples[0].task.id == "902"
    with pytest.raises(UnknownName):
        read_samples(write(tmp_path / "s.jsonl", {"task_id": "HumanEval/902", "completion": ""}), [task])
    others = TASK.model_copy(update={"id": "HumanEval/902"})
    with pytest.raises(UnknownName):
        read_samples(write(tmp_path / "s.jsonl", {"task_id": "Mbpp/902", "completion": ""}), [others])


@pytest.mark.parametrize("task_id", [11, "11", 11.0, "MBPP/11", "Mbpp/11", "mbpp/11"])
def test_a_task_is_found_however_its_id_is_spelt(tmp_path, task_id):
    tasks = [TASK.model_copy(update={"id": f"MBPP/{number}"}) for number in (1, 11, 111)]
    path = write(tmp_path / "s.jsonl", {"task_id": task_id, "completion": ""})
    samples = read_samples(path, tasks)
    assert [sample.task.id for sample in samples] == ["MBPP/11"]
    assert json.loads(results_text(samples, [PASS]))["task_id"] == "MBPP/11"


def test_a_number_that_two_tasks_share_is_nobodys(tmp_path):
    tasks = [TASK.model_copy(update={"id": name}) for name in ("a/1", "b/1")]
    with pytest.raises(UnknownName, match="unknown task"):
        read_samples(write(tmp_path / "s.jsonl", {"task_id": 1, "completion": ""}), tasks)


def test_the_number_of_tasks_scored_leaves_faults_out(tmp_path):
    rows = [{"task_id": name, "completion": ""} for name in ("a/1", "a/1", "a/2")]
    tasks = [TASK.model_copy(update={"id": name}) for name in ("a/1", "a/2", "a/3")]
    samples = read_samples(write(tmp_path / "s.jsonl", *rows), tasks)
    assert tasks_scored(samples, [PASS, FAULT, FAIL]) == 2
    assert tasks_scored(samples, [FAULT, FAULT, FAIL]) == 1


def test_half_a_character_is_read_and_written_back(tmp_path):
    path = tmp_path / "s.jsonl"
    path.write_bytes(b'{"task_id": "HumanEval/0", "completion": "# \\ud835"}\n')
    samples = read_samples(path, [TASK])
    assert samples[0].program == "def f():\n# \ud835"
    (row,) = results_text(samples, [FAIL]).splitlines()
    assert json.loads(row.encode())["completion"] == "# \ud835"


def test_results_are_the_rows_with_two_more_fields(tmp_path):
    samples = read_samples(
        write(tmp_path / "s.jsonl", *[{"task_id": "HumanEval/0", "completion": "", "own": 1}] * 3), [TASK]
    )
    rows = [json.loads(line) for line in results_text(samples, [PASS, FAIL, FAULT]).splitlines()]
    assert [row["passed"] for row in rows] == [True, False, None]
    assert rows[0]["result"] == "passed"
    assert rows[1]["result"] == "wrong: no"
    assert all(row["own"] == 1 for row in rows)


def test_pass_at_k_leaves_faults_out(tmp_path):
    samples = read_samples(write(tmp_path / "s.jsonl", *[{"task_id": "HumanEval/0", "completion": ""}] * 3), [TASK])
    assert pass_at_k(samples, [PASS, FAIL, FAULT]) == {"pass@1": 0.5}
    assert pass_at_k(samples, [FAULT, FAULT, FAULT]) == {}


@given(st.integers(1, 40), st.data())
def test_the_estimator_is_the_average_over_all_draws(n, data):
    c = data.draw(st.integers(0, n))
    k = data.draw(st.integers(1, n))
    product = 1.0
    for i in range(n - c + 1, n + 1):
        product *= 1.0 - k / i
    expected = 1.0 if n - c < k else 1.0 - product
    assert unbiased(n, c, k) == pytest.approx(expected)
