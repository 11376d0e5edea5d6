"""ShareGPT's rows: ``conversations`` of turns ``from`` and ``value``, with calls in turns of their own or none."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from suture.suites.convert.converter import Choices, Converter, Item, Made, items_of_file
from suture.suites.convert.hermes import tagged_chat


def _items(path: Path, choices: Choices) -> Iterator[Item]:
    return items_of_file(path, lambda row, number: _row(row, number, choices.as_kind))


def _row(row: dict[str, Any], number: str, as_kind: str | None) -> Made:
    return tagged_chat(row, {"id": str(row.get("id") or number)}, as_kind)


SHAREGPT = Converter(
    "ShareGPT's conversations (from, value), with function_call and observation or without",
    _items,
    fields=("conversations",),
    takes=("as_kind",),
)
