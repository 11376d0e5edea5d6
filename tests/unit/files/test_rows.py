"""Rows: one a line, an array of them, or one object; and what is said of anything else."""

import json
import subprocess
import sys

import pytest

from suture.core.errors import BadFile
from suture.files.rows import located_rows, read_rows

ROWS = [{"a": 1}, {"a": "é\u2028"}, {"a": [2]}]


@pytest.fixture
def found(tmp_path):
    """The rows of a file with this text, and where they are."""

    def found(text):
        path = tmp_path / "rows.jsonl"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return [(at.removeprefix(str(path)), row) for at, row in located_rows(path)]

    return found


@pytest.fixture
def refused(found):
    def refused(text):
        with pytest.raises(BadFile) as caught:
            found(text)
        assert "\n" not in str(caught.value)
        assert caught.value.mend
        return caught.value

    return refused


def test_one_a_line(found):
    text = "\n" + "\n\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS)
    assert found(text) == [(", line 2", ROWS[0]), (", line 4", ROWS[1]), (", line 6", ROWS[2])]


@pytest.mark.parametrize("indent", [None, 2])
def test_an_array(found, indent):
    assert found(json.dumps(ROWS, indent=indent)) == [(f", item {i}", row) for i, row in enumerate(ROWS, 1)]


@pytest.mark.parametrize("indent", [None, 2])
def test_one_object(found, indent):
    ((_, row),) = found("\n" + json.dumps(ROWS[0], indent=indent))
    assert row == ROWS[0]


def test_a_mark_within_stays_out(found):
    """Two files put together, each with its byte order mark."""
    assert [row for _, row in found("\ufeff{}\n\ufeff{}\n")] == [{}, {}]


def test_half_a_character_may_be_in_a_row(found):
    assert found(rb'{"a": "\ud835"}') == [(", line 1", {"a": "\ud835"})]
    assert found(b'{"a": "\xed\xa0\xb5"}') == [(", line 1", {"a": "\ud835"})]
    assert found(b'{"a": "\xed\xa0\xbd\xed\xb8\x80"}') == [(", line 1", {"a": "😀"})]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (" \n\n", "no rows: only blank lines"),
        ("[]", "line 1: a list, not an object"),
        ("[1]", "item 1: a number, not an object"),
        ("{}\n[1]", "line 2: a list, not an object"),
        ("[1]\n{}", "line 1: a list, not an object"),
        ('"a"', "line 1: text, not an object"),
        ("{}\nnull", "line 2: null, not an object"),
        ('{"a": 1', "line 1: not JSON: it ends at column 8, before it is complete"),
        ('{"a": 1\n{"a": 2}', "line 1: not JSON: it ends at column 8"),
        ('{\n"a": 1,\n', "not JSON: it ends at line 2, column 8"),
        ('{\n"a": 1,\nb: 2}', "not JSON from line 3, column 1 on: b: 2}"),
        ('{}\n{"a": "cut', "line 2: not JSON from column 7 on: \"cut; the file may be cut off there"),
        ('{}\n{a}\n', "line 2: not JSON from column 2 on: a}"),
        ("{}\n" + "[" * 100_000, "nested too deeply"),
        ("hello", "line 1: not JSON from column 1 on: hello"),
        ('{"a": ' + "9" * 5000 + "}", "a number of too many digits"),
    ],
)  # fmt: skip
def test_complaints(refused, text, says):
    assert says in str(refused(text))


@pytest.mark.parametrize(
    ("text", "what", "mend"),
    [
        ("task_id,completion\nHumanEval/0,x\n", "a CSV table (columns task_id, completion)", "csv.DictReader"),
        ('task_id,completion\na,"x\ny, z"\n', "a CSV table (columns task_id, completion)", "csv.DictReader"),
        ("\ufeffa;b;c;d;e;f;g\r\n1;2;3;4;5;6;7\r\n", "a CSV table (columns a, b, c, d, e, f, ...)", "delimiter=';'"),
        ("task_id\tanswer\n1\t2\n", "a TSV table (columns task_id, answer)", "delimiter='\\t'"),
        ("{'task_id': 1, 'ok': None}\n", "rows in Python's own notation", "json.dumps"),
        ("- task_id: 1\n  text: x\n", "YAML", None),
        ("tasks:\n- 1\n", "YAML", None),
        ("---\na: 1\n", "YAML", None),
        ('{\n"a": 1\n}\n{\n"a": 2\n}\n', "JSON objects over several lines each", "jq -c . "),
        ('{"a": 1},\n{"a": 2},\n', "JSON objects with a comma after each", "sed 's/, *$//' "),
        ('{"a": 1}, \n', "JSON objects with a comma after each", "sed 's/, *$//' "),
    ],
)
def test_other_notations_are_named(refused, text, what, mend):
    error = refused(text)
    assert what in str(error)
    assert "and no JSON lines" in str(error)
    assert mend is None or mend in error.mend


def test_a_row_that_is_refused_names_its_place(tmp_path):
    path = tmp_path / "rows.json"
    path.write_text("[{}, {}]")

    def parse(row):
        raise ValueError("no good")

    with pytest.raises(BadFile, match=r"rows.json, item 1: no good"):
        read_rows(path, parse)


def test_the_way_out_of_a_table_works(tmp_path, refused):
    error = refused('task_id,completion\na,"x\ny, z"\n')
    command = error.mend.replace("python ", f"{sys.executable} ", 1)
    subprocess.run(["bash", "-c", command], cwd=tmp_path, check=True)
    found = [row for _, row in located_rows(tmp_path / "converted.jsonl")]
    assert found == [{"task_id": "a", "completion": "x\ny, z"}]
