"""xlam-function-calling: ``query``, and ``tools`` and ``answers`` as JSON texts; parameters by Python's type names."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from suture.core.json_types import is_list
from suture.suites.convert.conversations import call_of
from suture.suites.convert.converter import Choices, Converter, Item, NotConverted, items_of_file, json_of
from suture.suites.convert.tool_definitions import tools_of


def _items(path: Path, _: Choices) -> Iterator[Item]:
    return items_of_file(path, _row)


def _row(row: dict[str, Any], number: str) -> dict[str, Any]:
    asked = row["query"]
    if not isinstance(asked, str):
        raise NotConverted("its query is no text")
    tools = tools_of(row["tools"])
    if not tools:
        raise NotConverted("it offers no tools")
    calls = [call_of(call) for call in _answers(row["answers"])]
    return {
        "id": str(row.get("id", number)),
        "kind": "tool-calls",
        "prompt": asked,
        "tools": tools,
        "check": {"calls": calls},
        "reference": json.dumps(calls, ensure_ascii=False),
        "licence": "CC-BY-4.0",
    }


def _answers(written: Any) -> list[Any]:
    value: Any = json_of(written, "its answers are") if isinstance(written, str) else written
    if not is_list(value):
        raise NotConverted("its answers are no list")
    return value


XLAM = Converter("xlam function-calling rows (query, tools, answers)", _items, fields=("query", "tools", "answers"))
