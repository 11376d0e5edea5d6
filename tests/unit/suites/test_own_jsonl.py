"""Your own tasks in either benchmark's field names; a broken row is named and nothing is half-imported."""

import gzip
import json

import pytest

from suture.core.errors import BadFile
from suture.core.measure.attempt import Request
from suture.suites.catalog import load_jsonl


def refused(path):
    with pytest.raises(BadFile) as caught:
        load_jsonl(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    return message.removeprefix(str(path))


def test_both_formats_in_one_file(jsonl, humaneval_row, mbpp_row):
    first, second = load_jsonl(jsonl(humaneval_row(), "", mbpp_row()))
    assert (first.id, first.check.prelude, first.check.entry_point) == ("Own/1", "import math\n\n", "double")
    assert first.reference == 'def double(x):\n    """ Twice x. """\n    return 2 * x\n'
    assert (second.id, second.suite, second.origin) == ("own/1", "own", "own.jsonl")


def test_same_task_here_and_in_a_benchmark_is_known_by_its_digest(jsonl, humaneval_row):
    here, there = (load_jsonl(jsonl(humaneval_row(task_id=name), name=f"{name}.jsonl"))[0] for name in "ab")
    assert here.content_digest == there.content_digest


def test_tags_of_ones_own(jsonl, humaneval_row, mbpp_row):
    tagged = load_jsonl(jsonl(humaneval_row(tags=["strings", "easy"]), mbpp_row(tags=["lists"]), mbpp_row(task_id=2)))
    assert [task.tags for task in tagged] == [("own", "strings", "easy"), ("own", "lists"), ("own",)]


def test_gzip(jsonl, mbpp_row, tmp_path):
    path = tmp_path / "own.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(mbpp_row()).encode()))
    assert load_jsonl(path)[0].suite == "own"


def test_a_reference_may_be_missing(jsonl, humaneval_row, mbpp_row):
    rows = [humaneval_row(), mbpp_row()]
    del rows[0]["canonical_solution"], rows[1]["code"]
    assert [task.reference for task in load_jsonl(jsonl(*rows))] == [None, None]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{'task_id': 1}", "not JSON"),
        ('{"task_id": 1', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "a list, not an object"),
        ("null", "null, not an object"),
        ('{"task_id": 1, "text": "a"}', "nor HumanEval's fields"),
        ('{"task_id": 1, "test_list": ["assert f(1)"]}', "no field 'text'"),
        ('{"task_id": "a", "entry_point": "f", "prompt": "def f(): 0"}', "no field 'test'"),
        ('{"task_id": [], "text": "a", "test_list": ["assert f(1)"]}', "task_id"),
        ('{"task_id": 1, "text": "a", "test_list": "assert f(1)"}', "test_list is text, not a list"),
        ('{"task_id": 1, "text": "a", "test_list": []}', "test_list is empty"),
        ('{"task_id": 1, "text": "a", "test_list": ["assert f(1)"], "tags": "lists"}', "tags is text, not a list"),
        ('{"task_id": 1, "text": "a", "test_list": ["assert f("]}', "never closed"),
        ('{"task_id": 1, "text": "a", "test_list": ["assert f(1)"], "code": "def f(:"}', "invalid syntax"),
        ('{"task_id": "a", "entry_point": "g", "prompt": "def f(): 0", "test": ""}', "does not define entry_point 'g'"),
        ('{"task_id": 1, "text": "a", "test_list": ["assert f(\'\\ud800\')"]}', "surrogates not allowed"),
        ('{"id": "a", "kind": "json", "prompt": "x", "check": {"equals": 1.00000000000000000001}}', "read as 1.0"),
        ('{"id": "a", "kind": "json", "prompt": "x", "check": {"equals": 1e-400}}', "read as 0.0"),
        (
            '{"id": "a", "kind": "text", "prompt": "x", "check": {"number": 3.14159265358979323846}}',
            "its digits as a text",
        ),
        ('{"id": "a", "kind": "json", "prompt": "x", "check": {"equals": 1e-9999999999999999999}}', "read as 0.0"),
        ('{"id": "a", "kind": "json", "prompt": "x", "check": {"equals": 1e400}}', "which JSON does not have"),
        ('{"id": "a", "kind": "json", "prompt": "x", "check": {"equals": NaN}}', "which JSON does not have"),
    ],
)
def test_a_broken_row_names_its_line(jsonl, mbpp_row, line, complaint):
    message = refused(jsonl(mbpp_row(), "", line, mbpp_row(task_id=2)))
    assert message.startswith(", line 3: ")
    assert complaint in message


def test_an_id_used_twice_names_both_rows(jsonl, mbpp_row):
    message = refused(jsonl(mbpp_row(task_id=1), mbpp_row(task_id=2), mbpp_row(task_id=1)))
    assert "own/1 is used twice" in message
    assert "1 and 3" in message


def test_half_a_character_may_be_asked_for_and_its_prompt_is_readable(jsonl, mbpp_row):
    (task,) = load_jsonl(jsonl(mbpp_row(text="What is \ud800?")))
    assert "What is \ud800?" in task.messages[-1].content
    assert Request(prompt=task.messages[-1].content).prompt.encode().startswith("What is \ufffd?".encode())
    assert len(task.digest) == 64


def test_a_directory_is_refused(tmp_path):
    (tmp_path / "own.jsonl").mkdir()
    assert "directory" in refused(tmp_path / "own.jsonl")


@pytest.mark.parametrize("damage", ["cut off", "flipped bits", "no gzip"])
def test_a_damaged_gzip_file_is_refused(tmp_path, mbpp_row, damage):
    data = bytearray(gzip.compress("".join(json.dumps(mbpp_row(task_id=n)) + "\n" for n in range(500)).encode()))
    if damage == "cut off":
        data = data[: len(data) // 2]
    elif damage == "flipped bits":
        data[12:60] = bytes(byte ^ 0xFF for byte in data[12:60])
    else:
        data = bytearray(b"plain text")
    path = tmp_path / "own.jsonl.gz"
    path.write_bytes(data)
    refused(path)
