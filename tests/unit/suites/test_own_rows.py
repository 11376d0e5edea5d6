"""Your own tasks of any kind: a question, a kind, and the check that decides."""

import pytest

from suture.core.measure.checks.json import JsonCheck
from suture.core.measure.checks.python import PythonCheck
from suture.suites.catalog import load_jsonl
from suture.suites.own_rows import own_task

ROW = {"id": "a/1", "kind": "json", "prompt": "Extract.", "check": {"equals": {"a": 1}}, "reference": '{"a": 1}'}


def task(**changes):
    return own_task({**ROW, **changes}, suite="own", origin="own.jsonl")


def test_a_row_becomes_a_task_of_its_kind():
    found = task()
    assert (found.id, found.suite, found.check, found.reference) == (
        "a/1",
        "own",
        JsonCheck(equals_text='{"a": 1}'),
        '{"a": 1}',
    )
    assert [message.content for message in found.messages] == ["Extract."]


def test_python_has_a_row_like_any_other_kind():
    check = {"entry_point": "f", "tests": {"kind": "assertions", "statements": ["assert f() == 1"]}}
    assert isinstance(task(kind="python", check=check, reference=None).check, PythonCheck)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"check": {"equls": 1}}, "equls"),
        ({"kind": "poem"}, "poem"),
        ({"colour": "red"}, "colour"),
        ({"messages": [{"role": "user", "content": "x"}]}, "once"),
        ({"prompt": None}, "once"),
        ({"check": {"schema": {"type": "dict"}}}, "schema is broken"),
    ],
)
def test_what_is_wrong_is_named(changes, said):
    with pytest.raises(ValueError, match=said):
        task(**changes)


def test_a_file_may_hold_rows_of_several_forms(tmp_path):
    (tmp_path / "own.jsonl").write_text(
        '{"id": "a", "kind": "json", "prompt": "p", "check": {"equals": null}}\n'
        '{"task_id": 1, "text": "One.", "test_list": ["assert f() == 1"]}\n'
    )
    assert [t.check.kind for t in load_jsonl(tmp_path / "own.jsonl")] == ["json", "python"]
