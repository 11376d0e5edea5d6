"""The JSON Schema of a row of your own: what Suture reads fits it, and what it refuses does not."""

import json
import re
from pathlib import Path

import pytest

from suture.suites.kinds import KINDS
from suture.suites.own_rows import own_task
from suture.suites.row_schema import row_schema

jsonschema_rs = pytest.importorskip("jsonschema_rs")

DOCS = Path(__file__).parents[3] / "docs"
SHOWN = [
    json.loads(line)
    for page in ("kinds.md", "suites.md", "recipes.md")
    for block in re.findall(r"^```jsonl\n(.*?)^```", (DOCS / page).read_text(), re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]
TOOL = {"name": "f", "parameters": {"type": "object", "properties": {"a": {"type": "string"}}}}
CALL = {"name": "f", "arguments": {"a": "x"}}
LIMITS = {"cpu_s": 1, "wall_s": 2, "memory_mb": 64}
FORMS = [
    {"kind": "text", "prompt": "p", "expected": "x"},
    {"kind": "json", "prompt": "p", "expected": None},
    {"kind": "json", "prompt": "p", "check": {"equals": [1], "schema": True, "rel_tol": 0.1}},
    {"kind": "json", "prompt": "p", "check": {"equals": None}, "form": {"opening": "```json\n", "max_tokens": 9}},
    {"kind": "text", "prompt": "p", "check": {"choice": "B", "options": ["one", "two"]}},
    {"kind": "text", "prompt": "p", "check": {"contains": "one"}, "tags": ["t"], "origin": "o", "licence": "l"},
    {"kind": "text", "prompt": "p", "check": {"number": "72.50"}},
    {"kind": "sql", "prompt": "p", "check": {"setup": ["A", "B"], "reference": "SELECT 1", "limits": LIMITS}},
    {"kind": "grader", "prompt": "p", "check": {"grader": "def grade(answer, task): ..."}},
    {"kind": "tool-calls", "prompt": "p", "tools": [TOOL], "expected": [CALL]},
    {
        "kind": "tool-calls",
        "prompt": "p",
        "tools": [{"type": "function", "function": {**TOOL, "strict": True}}],
        "check": {"calls": [{"f": {"a": ["x", ""]}}], "rule": "bfcl-ast@2026.3.23"},
    },
    {
        "kind": "tool-calls",
        "messages": [
            {"role": "user", "content": "p"},
            {"role": "assistant", "content": "", "tool_calls": [{"id": "1", "type": "function", "function": CALL}]},
            {"role": "tool", "name": "f", "content": "y"},
            {"role": "assistant", "content": "", "tool_calls": [{"name": "f", "arguments": '{"a": "x"}'}]},
        ],
        "tools": [TOOL],
        "check": {"calls": []},
    },
    {"kind": "python", "prompt": "p", "check": {"tests": {"kind": "assertions", "statements": ["assert f()"]}}},
    {"kind": "python", "prompt": "p", "check": {"tests": {"kind": "stdin", "cases": [{"stdin": "1", "stdout": "2"}]}}},
]
FORMS = [{"id": str(at), **row} for at, row in enumerate(FORMS)]
TEXT = {"id": "a", "kind": "text", "prompt": "p", "check": {"exact": "x"}}
REFUSED = {
    "an unknown field": {**TEXT, "colour": "red"},
    "an unknown kind": {**TEXT, "kind": "poem"},
    "no kind": {"id": "a", "prompt": "p", "check": {"exact": "x"}},
    "no id": {"kind": "text", "prompt": "p", "check": {"exact": "x"}},
    "another kind's check": {**TEXT, "check": {"equals": 1}},
    "another kind named in the check": {**TEXT, "check": {"kind": "json", "exact": "x"}},
    "no check": {"id": "a", "kind": "text", "prompt": "p"},
    "two checks": {**TEXT, "expected": "x"},
    "nothing that decides": {**TEXT, "check": {"ignore": ["case"]}},
    "two things that decide": {**TEXT, "check": {"exact": "x", "regex": "x"}},
    "no question": {"id": "a", "kind": "text", "check": {"exact": "x"}},
    "two questions": {**TEXT, "messages": [{"role": "user", "content": "p"}]},
    "expected of the wrong type": {"id": "a", "kind": "text", "prompt": "p", "expected": 1},
    "expected where a check is needed": {"id": "a", "kind": "sql", "prompt": "p", "expected": "SELECT 1"},
    "a misspelt key of a check": {**TEXT, "check": {"exact": "x", "ignor": ["case"]}},
    "a misspelt value of a check": {**TEXT, "check": {"exact": "x", "ignore": ["cases"]}},
    "a tool without parameters": {**TEXT, "tools": [{"name": "f"}]},
    "calls that are none": {"id": "a", "kind": "tool-calls", "prompt": "p", "check": {"calls": [{"f": {"a": "x"}}]}},
    "tests without their kind": {"id": "a", "kind": "python", "prompt": "p", "check": {"tests": {"source": "x"}}},
    "a role that is none": {"id": "a", "kind": "text", "expected": "x", "messages": [{"role": "bot", "content": "p"}]},
    "a negative tolerance": {"id": "a", "kind": "json", "prompt": "p", "check": {"equals": 1, "abs_tol": -1}},
}


@pytest.fixture(scope="module")
def validator():
    return jsonschema_rs.Draft202012Validator(row_schema())


def test_the_file_is_what_the_command_prints():
    kept = (DOCS / "own-row.schema.json").read_text()
    assert kept == json.dumps(row_schema(), indent=2, ensure_ascii=False) + "\n"


def test_it_is_a_schema_itself():
    jsonschema_rs.meta.validate(row_schema())


def test_the_pages_have_rows():
    assert len(SHOWN) > 10


@pytest.mark.parametrize("row", [*SHOWN, *FORMS], ids=lambda row: row["id"])
def test_a_row_that_can_be_read_fits(validator, row):
    own_task(row, suite="own", origin="own.jsonl")
    assert [error.message for error in validator.iter_errors(row)] == []


@pytest.mark.parametrize("why", REFUSED)
def test_a_row_that_is_refused_does_not_fit(validator, why):
    with pytest.raises(ValueError):
        own_task(REFUSED[why], suite="own", origin="own.jsonl")
    assert not validator.is_valid(REFUSED[why])


def test_every_kind_completes_its_own_check():
    found = row_schema()
    completed = {rule["if"]["properties"]["kind"]["const"]: rule["then"] for rule in found["allOf"] if "if" in rule}
    assert completed.keys() == KINDS.keys() == set(found["properties"]["kind"]["enum"])
    assert len({then["properties"]["check"]["$ref"] for then in completed.values()}) == len(KINDS)


def test_descriptions_are_those_of_the_docstrings():
    found = row_schema()
    assert found["properties"]["id"]["description"] == "what people call the task."
    json_check = found["$defs"]["JsonCheck"]["properties"]
    assert json_check["equals"] == {"description": "the wanted value."}
    assert json_check["abs_tol"]["description"] == json_check["rel_tol"]["description"]
    assert not any(name.endswith("_text") for each in found["$defs"].values() for name in each.get("properties", {}))
