"""Rows with anything in any place: each becomes a task or is left out, and a file is refused in one line at most."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.converting import CALL, TOOL

from suture.core.errors import UsageError
from suture.suites.convert.conversion import convert
from suture.suites.convert.converter import Choices
from suture.suites.convert.table import CONVERTERS

ROWS: dict[str, Any] = {
    "xlam": {"query": "a", "tools": [TOOL], "answers": [CALL]},
    "openai": {
        "messages": [
            {"role": "user", "content": "a"},
            {"role": "assistant", "tool_calls": [{"id": "1", "function": CALL}]},
        ],
        "tools": [{"type": "function", "function": TOOL}],
    },
    "evals": {"input": [{"role": "system", "content": "a"}], "ideal": ["b"]},
    "inspect": {"input": "a", "target": "A", "choices": ["x", "y"]},
    "hermes": {
        "conversations": [
            {"from": "system", "value": f"<tools>[{json.dumps(TOOL)}]</tools>"},
            {"from": "human", "value": "a"},
            {"from": "gpt", "value": f"<tool_call>{json.dumps(CALL)}</tool_call>"},
        ]
    },
    "sharegpt": {
        "conversations": [{"from": "human", "value": "a"}, {"from": "function_call", "value": json.dumps(CALL)}],
        "tools": [TOOL],
    },
    "toolace": {
        "system": f"Functions: {json.dumps([TOOL])}.",
        "conversations": [{"from": "user", "value": "a"}, {"from": "assistant", "value": "[weather(city='Oslo')]"}],
    },
    "glaive": {
        "system": f"SYSTEM: {json.dumps(TOOL)}",
        "chat": 'USER: a ASSISTANT: <functioncall> {"name": "weather", "arguments": \'{"city": "Oslo"}\'}',
    },
    "spider": {"question": "a", "query": "SELECT 1", "db_id": "x"},
    "bird": {"question": "a", "SQL": "SELECT 1", "db_id": "x"},
}
ANYTHING = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        1.5,
        "",
        "x",
        [],
        {},
        [1],
        {"a": 1},
        "\ud800",
        "[",
        "{" * 40,
        "(((",
        "'",
        "\\",
        [[[]]],
        "\x00",
    ]
)


@st.composite
def altered(draw: st.DrawFn, value: Any) -> Any:
    """The value, with something else in some places and some places missing."""
    fate = draw(st.integers(0, 11))
    if fate == 0:
        return draw(ANYTHING)
    if isinstance(value, dict):
        return {key: draw(altered(inner)) for key, inner in value.items() if draw(st.integers(0, 19))}
    if isinstance(value, list):
        return [draw(altered(inner)) for inner in value]
    if isinstance(value, str) and value and fate == 1:
        at = draw(st.integers(0, len(value) - 1))
        return value[:at] + draw(st.sampled_from(["", "[", "(", "'", '"', "}", ")", "\n", ",", "="])) + value[at + 1 :]
    return value


def test_every_format_of_rows_is_tried():
    assert set(ROWS) == {name for name, converter in CONVERTERS.items() if converter.fields}


@pytest.mark.parametrize("name", ROWS)
def test_any_row_is_a_task_or_left_out(tmp_path_factory, name):
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    as_kind = "exact" if "as_kind" in CONVERTERS[name].takes else None

    @settings(max_examples=150, deadline=None)
    @given(st.lists(altered(ROWS[name]), min_size=1, max_size=3))
    def tried(rows):
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        try:
            conversion = convert(path, name, Choices(as_kind=as_kind))
        except UsageError as refused:
            assert "\n" not in str(refused)
        else:
            assert len(conversion.kept) + len(conversion.left_out) == len(rows)

    tried()
