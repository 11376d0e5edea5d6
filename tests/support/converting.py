"""What tests of converters share: one tool, a call of it, and what becomes of a row."""

from typing import Any

from suture.suites.convert.conversion import Conversion
from suture.suites.kinds import kind_of
from suture.suites.own_rows import own_task

TOOL: dict[str, Any] = {
    "name": "weather",
    "description": "Tells the weather.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
CALL: dict[str, Any] = {"name": "weather", "arguments": {"city": "Oslo"}}


def passes(row: dict[str, Any], answer: str) -> bool:
    task = own_task(row, suite="s", origin="o")
    verdict = kind_of(task).decide(task, answer)
    return verdict is not None and verdict.passed


def why(conversion: Conversion) -> list[str]:
    return [item.why for item in conversion.left_out]
