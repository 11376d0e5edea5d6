"""xlam-function-calling: ``query``, and ``tools`` and ``answers`` as JSON texts; parameters by Python's type names."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from suture.core.json_types import is_list
from suture.suites.convert.converter import Choices, Converter, Item, NotConverted, items_of_file

_TYPES: dict[str, dict[str, Any]] = {
    "str": {"type": "string"}, "string": {"type": "string"}, "int": {"type": "integer"},
    "integer": {"type": "integer"}, "float": {"type": "number"}, "number": {"type": "number"},
    "bool": {"type": "boolean"}, "boolean": {"type": "boolean"}, "list": {"type": "array"}, "array": {"type": "array"},
    "tuple": {"type": "array"}, "set": {"type": "array"}, "dict": {"type": "object"}, "object": {"type": "object"},
    "any": {}, "none": {"type": "null"},
}  # fmt: skip
_OPTIONAL = re.compile(r",\s*optional\b.*$", re.IGNORECASE)
_SUBSCRIPT = re.compile(r"([a-z]+)\[(.*)\]")


def _items(path: Path, _: Choices) -> Iterator[Item]:
    return items_of_file(path, _row)


def _row(row: dict[str, Any], number: str) -> dict[str, Any]:
    tools, answers = _json(row["tools"], "tools"), _json(row["answers"], "answers")
    calls = [{"name": call["name"], "arguments": call["arguments"]} for call in answers]
    return {
        "id": str(row.get("id", number)),
        "kind": "tool-calls",
        "prompt": row["query"],
        "tools": [_tool(tool) for tool in tools],
        "check": {"calls": calls},
        "reference": json.dumps(calls),
        "licence": "CC-BY-4.0",
    }


def _json(text: Any, name: str) -> list[Any]:
    try:
        value: Any = json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        raise NotConverted(f"its {name} are no JSON") from None
    if not is_list(value):
        raise NotConverted(f"its {name} are no list")
    return value


def _tool(tool: dict[str, Any]) -> dict[str, Any]:
    """Raises NotConverted: a type that is none of Python's plain ones."""
    if tool.get("type") == "function" and "function" in tool:
        return tool
    flat: dict[str, Any] = tool.get("parameters") or {}
    if flat.get("type") == "object" and isinstance(flat.get("properties"), dict):
        return tool
    properties: dict[str, Any] = {}
    required: list[str] = []
    for name, parameter in flat.items():
        written = str(parameter.get("type", "any"))
        schema, optional = schema_of(written)
        if "description" in parameter:
            schema["description"] = parameter["description"]
        if parameter.get("default", "") != "":
            schema["default"] = _typed(parameter["default"], schema)
        properties[name] = schema
        if parameter.get("required", not optional and "default" not in parameter):
            required.append(name)
    schema = {"type": "object", "properties": properties, "required": required}
    return {"name": tool["name"], "description": tool.get("description", ""), "parameters": schema}


def schema_of(written: str) -> tuple[dict[str, Any], bool]:
    """The JSON Schema of a type as Python names it, and whether the parameter may be left out.

    Raises:
        NotConverted: a type that JSON does not have.
    """
    name = _OPTIONAL.sub("", written.strip())
    optional = name != written.strip()
    name = name.strip().lower()
    if name in _TYPES:
        return dict(_TYPES[name]), optional
    match = _SUBSCRIPT.fullmatch(name)
    if match is None:
        raise NotConverted(f"a parameter has the type {written!r}")
    outer, inner = match[1], match[2]
    if outer == "optional":
        return schema_of(inner)[0], True
    if outer == "union":
        return {"anyOf": [schema_of(part)[0] for part in _split(inner)]}, optional
    if outer in ("list", "set"):
        return {"type": "array", "items": schema_of(inner)[0]}, optional
    if outer in ("tuple", "dict"):
        return dict(_TYPES[outer]), optional
    raise NotConverted(f"a parameter has the type {written!r}")


def _split(text: str) -> list[str]:
    """At commas that stand in no bracket."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "[") - (letter == "]")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _typed(default: Any, schema: dict[str, Any]) -> Any:
    """Defaults stand as texts in places: as a value of the type, where they are one."""
    if not isinstance(default, str) or schema.get("type") in ("string", None):
        return default
    try:
        return json.loads(default.lower() if schema["type"] == "boolean" else default)
    except (ValueError, RecursionError):
        return default


XLAM = Converter("xlam function-calling rows (query, tools, answers)", _items)
