"""Your own tasks of any kind: a question, a kind, and the check that decides."""

import pytest

from suture.core.measure.checks.json import JsonCheck
from suture.core.measure.checks.python import PythonCheck
from suture.core.measure.checks.tool_calls import BFCL
from suture.suites.catalog import load_jsonl
from suture.suites.kinds import kind_of
from suture.suites.own_rows import own_task

ROW = {"id": "a/1", "kind": "json", "prompt": "Extract.", "check": {"equals": {"a": 1}}, "reference": '{"a": 1}'}


def task(**changes):
    return own_task({**ROW, **changes}, suite="own", origin="own.jsonl")


def test_under_bfcls_rule_tools_may_be_written_in_its_words():
    properties = {"a": {"type": "float"}, "b": {"type": "tuple", "items": {"type": "any"}}}
    tool = {"name": "f", "parameters": {"type": "dict", "properties": properties, "required": ["a"]}}
    row = {"id": "t", "kind": "tool-calls", "prompt": "x"}
    wanted = {"a": {"type": "number"}, "b": {"type": "array", "items": {}}}
    for tools in ([tool], [{"type": "function", "function": tool}]):
        task = own_task(
            {**row, "tools": tools, "check": {"rule": BFCL, "calls": [{"f": {"a": [1.5], "b": [[1]]}}]}},
            suite="s",
            origin="o",
        )
        assert task.tools[0].parameters == {"type": "object", "properties": wanted, "required": ["a"]}
    with pytest.raises(ValueError, match="no JSON Schema of type 'object'"):
        own_task({**row, "tools": [tool], "check": {"calls": []}}, suite="s", origin="o")


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


TOOL = {"name": "f", "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}}


@pytest.mark.parametrize(
    ("changes", "stated"),
    [
        ({"kind": "json", "check": {"equals": {"a": "ä"}}}, '{"a": "ä"}'),
        ({"kind": "json", "check": {"schema": {"type": "object"}}}, None),
        ({"kind": "text", "check": {"exact": "Lima"}}, "Lima"),
        ({"kind": "text", "check": {"one_of": ["yes", "no"], "target": "no"}}, "no"),
        ({"kind": "text", "check": {"one_of": ["yes", "no"]}}, None),
        ({"kind": "text", "check": {"choice": "B", "options": ["a horse", "a duck"]}}, "B"),
        ({"kind": "text", "check": {"number": 0}}, "0"),
        ({"kind": "text", "check": {"number": 7, "where": "last"}}, None),
        ({"kind": "text", "check": {"contains": ["Ann"]}}, None),
        ({"kind": "sql", "check": {"setup": "CREATE TABLE t(a);", "reference": "SELECT a FROM t"}}, "SELECT a FROM t"),
        ({"kind": "tool-calls", "tools": [TOOL], "check": {"calls": [{"name": "f", "arguments": {"a": 1}}]}},
         '[{"name": "f", "arguments": {"a": 1}}]'),
        ({"kind": "tool-calls", "tools": [TOOL], "check": {"calls": []}}, "[]"),
    ],
)  # fmt: skip
def test_without_a_reference_the_answer_that_the_check_states_is_taught(changes, stated):
    found = task(reference=None, **changes)
    assert found.reference == stated
    if stated is not None:
        verdict = kind_of(found).decide(found, stated)
        assert verdict is None or verdict.passed


def test_a_reference_of_the_row_is_taken_before_the_answer_that_its_check_states():
    assert task(reference='{ "a": 1 }').reference == '{ "a": 1 }'


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"reference": '```json\n{"a": 1}\n```'}, '{"a": 1}'),
        ({"reference": '<think>One.</think>\n{"a": 1}'}, '{"a": 1}'),
        ({"reference": '{"a": 1}'}, '{"a": 1}'),
        ({"check": {"equals": "```x\ny\n```"}, "reference": '"```x\\ny\\n```"'}, '"```x\\ny\\n```"'),
        ({"kind": "sql", "check": {"setup": "CREATE TABLE t (a)", "reference": "SELECT a FROM t"},
          "reference": "```sql\nSELECT a FROM t\n```"}, "SELECT a FROM t"),
        ({"kind": "text", "check": {"exact": "4"}, "reference": "<think>2 + 2</think>4"}, "4"),
    ],
)  # fmt: skip
def test_a_reference_is_read_as_an_answer_is(row, says):
    assert task(**row).reference == says
