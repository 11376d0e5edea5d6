"""Rows of anybody's, in JSON lines and in tables: what they may be called, what counts, and what is refused."""

import json

import pytest

from suture.core.errors import BadFile, StaleEvidence
from suture.core.measure.splits import Split
from suture.core.measure.verdict import Outcome
from suture.harnesses.opened import Choices
from suture.harnesses.read import read_results


def rows(path, *found, name="r.jsonl"):
    (path / name).write_text("".join(json.dumps(row) + "\n" for row in found))
    return path / name


def outcomes(path, **choices):
    (sheet, *_) = read_results(path, Choices(**choices)).sheets
    return {task_id: entry.verdict.outcome for task_id, entry in sheet.entries.items()}


P, F, X = Outcome.PASS, Outcome.FAIL, Outcome.FAULT


@pytest.mark.parametrize(
    ("found", "choices", "expected"),
    [
        ({"id": "a", "passed": True}, {}, P),
        ({"id": 7, "passed": 0}, {}, F),
        ({"id": "a", "passed": None}, {}, X),
        ({"id": "a", "passed": "yes"}, {}, P),
        ({"id": "a", "passed": "error"}, {}, X),
        ({"id": "a", "success": False}, {}, F),
        ({"id": "a", "score": 0.71}, {"threshold": 0.7}, P),
        ({"id": "a", "score": 0.7}, {"threshold": 0.7}, P),
        ({"id": "a", "score": 0.69}, {"threshold": 0.7}, F),
        ({"id": "a", "score": None}, {"threshold": 0.7}, X),
        ({"id": "a", "score": float("nan")}, {"threshold": 0.7}, X),
        ({"id": "a", "score": "nan"}, {}, X),
        ({"case": "a", "ok": True}, {"id": "case", "passed": "ok"}, P),
        ({"name": "a", "correct": False, "answer": ""}, {}, F),
        ({"id": "a", "grade": "4"}, {"passed": "grade", "threshold": 3}, P),
    ],
)
def test_what_passes(tmp_path, found, choices, expected):
    assert list(outcomes(rows(tmp_path, found), **choices).values()) == [expected]


def test_what_else_a_row_may_say(tmp_path):
    row = {"id": "a", "passed": True, "answer": "42", "suite": "maths", "split": "test", "tags": ["easy", "short"]}
    (sheet,) = read_results(rows(tmp_path, row)).sheets
    (entry,) = sheet.entries.values()
    assert (entry.answer, entry.suite, entry.split, entry.tags) == ("42", "maths", Split.HOLDOUT, ("easy", "short"))


def test_runs_are_repeated_measurements(tmp_path):
    found = [{"id": i, "passed": run != "2", "run": run} for run in ("1", "2") for i in "ab"]
    sheets = read_results(rows(tmp_path, *found)).sheets
    assert [{e.verdict.outcome for e in sheet.entries.values()} for sheet in sheets] == [{P}, {F}]


def test_another_prompt_is_another_task(tmp_path):
    one, two = (rows(tmp_path, {"id": "a", "passed": 1, "prompt": p}, name=f"{p}.jsonl") for p in ("x", "y"))
    digests = [read_results(path).sheets[0].entries["a"].digest for path in (one, two)]
    assert digests[0] != digests[1]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("id,passed,answer\na,true,x\nb,no,\n", "r.csv"),
        ("id;passed;answer\na;1;x\nb;0;\n", "r.csv"),
        ("id\tpassed\tanswer\na\tPASS\tx\nb\tFAIL\t\n", "r.tsv"),
        ("\ufeffid,passed,answer\r\na,True,x\r\nb,False,\r\n", "r.csv"),
        ('id,passed,answer\na,1,"two\nlines, and a comma"\nb,0,\n', "r.csv"),
        ("id,passed,answer\na,true,x\nb,false,\n", "no-ending"),
    ],
)
def test_tables(tmp_path, text, name):
    (tmp_path / name).write_text(text)
    assert outcomes(tmp_path / name) == {"a": P, "b": F}


def test_a_table_and_lines_are_compared_by_what_they_say(tmp_path):
    (tmp_path / "a.csv").write_text("id,passed\n1,true\n2,false\n")
    lines = rows(tmp_path, {"id": 1, "passed": True}, {"id": 2, "passed": False})
    digests = [
        {e.digest for e in read_results(path).sheets[0].entries.values()} for path in (tmp_path / "a.csv", lines)
    ]
    assert digests[0] == digests[1]


@pytest.mark.parametrize(
    ("text", "name", "choices", "says", "mend"),
    [
        (
            '{"id": "a", "score": 0.4}',
            "r.jsonl",
            {},
            "line 1: 'score' is 0.4, neither right",
            "--threshold 0.7",
        ),
        ('{"id": "", "passed": true}', "r.jsonl", {}, "line 1: 'id' is ''", "correct that row"),
        ('{"id": "a", "passed": "perhaps"}', "r.jsonl", {}, "line 1: 'passed' is 'perhaps'", "--threshold"),
        ('{"id": "a", "passed": true}', "r.jsonl", {"id": "idd"}, "no field 'idd'; did you mean 'id'?", "--id id"),
        (
            '{"id": "a", "okay": true}',
            "r.jsonl",
            {"passed": "ok"},
            "no field 'ok'; did you mean 'okay'",
            "--pass okay",
        ),
        ("id,passed\na,true,3\n", "r.csv", {}, "r.csv", "give"),
        ("id,passed\na,true\nb\n", "r.csv", {}, "line 3: 1 cells under 2 columns", "as many cells"),
        ('id,passed,answer\na,true,"b\nc,true,d\n', "r.csv", {}, "quotation mark is never closed", "close it"),
        ("id,id\na,true\n", "r.csv", {}, "column 'id' is there twice", "rename"),
        ('{"id": "a", "passed": true, "split": "tset"}', "r.jsonl", {}, "tset", "correct that row"),
    ],
)
def test_what_is_refused(tmp_path, text, name, choices, says, mend):
    (tmp_path / name).write_text(text)
    with pytest.raises(BadFile) as refusal:
        read_results(tmp_path / name, Choices(**choices))
    assert says in str(refusal.value)
    assert mend in (refusal.value.mend or "")


def test_one_task_twice_is_not_comparable(tmp_path):
    with pytest.raises(StaleEvidence, match="line 2: id 'a' is there twice"):
        read_results(rows(tmp_path, {"id": "a", "passed": 1}, {"id": "a", "passed": 0}))
