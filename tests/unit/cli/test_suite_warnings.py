"""``suture suite check`` and ``convert`` warn of weak checks and of tasks that resemble other suites' tasks."""

import json

import pytest

from suture.suites.catalog import load_suite

pytestmark = pytest.mark.usefixtures("suites_at_hand_once")

SIMPLE = load_suite("bfcl:simple_python:0")[0]
CALL = {"calculate_triangle_area": {"base": [10], "height": [5]}}
ROWS = [
    {"id": "a", "kind": "text", "prompt": "Is Bern in Peru?", "check": {"contains": "no"}, "reference": "no"},
    {"id": "b", "kind": "text", "prompt": "Capital of Peru?", "expected": "Lima", "reference": "Lima"},
    {
        "id": "c",
        "kind": "tool-calls",
        "prompt": "How large?",
        "tools": [tool.as_openai() for tool in SIMPLE.tools],
        "check": {"calls": [CALL]},
        "reference": json.dumps([{"name": "calculate_triangle_area", "arguments": {"base": 10, "height": 5}}]),
    },
]


def written(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_warnings_leave_the_exit_code(suture, tmp_path):
    said = suture("suite", "check", written(tmp_path / "own.jsonl", ROWS))
    assert said.code == 0
    assert "warning: 1 of 3 tasks have a weak check" in said.out
    assert "warning: 1 of 3 tasks resemble tasks of other suites" in said.out
    assert "(bfcl:simple_python)" in said.out


def test_json_names_all_of_them(suture, tmp_path):
    rows = [{**ROWS[0], "id": f"a{n}", "prompt": f"Is Bern in Peru? {n}"} for n in range(15)]
    path = written(tmp_path / "own.jsonl", [*rows, *ROWS[1:]])
    assert "... and 5 more; --json names them all" in suture("suite", "check", path).out
    said = suture("suite", "check", path, "--json").json
    assert [task["task_id"] for task in said["weak"]] == [row["id"] for row in rows]
    assert [(twin["task_id"], twin["how"]) for twin in said["overlap"]] == [("c", "the function")]
    assert "bfcl:multiple" in said["compared"]


def test_a_sound_suite_is_warned_of_nothing(suture, tmp_path):
    said = suture("suite", "check", written(tmp_path / "own.jsonl", ROWS[1:2]))
    assert "warning" not in said.out


def test_what_was_converted_is_compared_too(suture, tmp_path):
    row = {
        "messages": [
            {"role": "user", "content": "How large is it?"},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "id": "1",
                        "type": "function",
                        "function": {"name": SIMPLE.tools[0].name, "arguments": '{"base": 10, "height": 5}'},
                    }
                ],
            },
        ],
        "tools": [tool.as_openai() for tool in SIMPLE.tools],
    }
    path = written(tmp_path / "chat.jsonl", [row])
    said = suture("suite", "convert", path, "--from", "openai", "--out", tmp_path / "out.jsonl", "--json")
    assert said.code == 0
    assert [twin["suite"].startswith("bfcl:") for twin in said.json["overlap"]] == [True]
    assert (
        "warning: 1 of 1 tasks resemble"
        in suture("suite", "convert", path, "--from", "openai", "--out", tmp_path / "out.jsonl").out
    )
