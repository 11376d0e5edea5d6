"""Writes tools as signatures, which take a small model about half the tokens of their JSON Schemas. Nothing is dropped:
what a signature has no place for stands behind it as JSON."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from suture.core.measure.tools import Tool

_SHOWN = {"type", "description", "properties", "required", "items", "enum", "default"}


def signature_of(tool: Tool) -> str:
    """``name(a: string, b?: integer = 3)``, the description, and a line a parameter that has one of its own."""
    head = f"{tool.name}({_parameters(tool.parameters)})"
    said = " ".join(tool.description.split())
    more = _others(tool.parameters)
    return "\n".join([": ".join(part for part in (head + more, said) if part), *_descriptions(tool.parameters, "")])


def _parameters(schema: Mapping[str, Any]) -> str:
    required: list[str] = schema.get("required") or []
    shown: list[str] = []
    for name, inner in cast("dict[str, Any]", schema.get("properties") or {}).items():
        default = f" = {_json(inner['default'])}" if "default" in inner else ""
        shown.append(f"{name}{'' if name in required else '?'}: {_type(inner)}{default}")
    return ", ".join(shown)


def _type(schema: Mapping[str, Any]) -> str:
    """Of TypeScript's looks; a JSON Schema that has no such type is written as it is."""
    more = _others(schema)
    if "enum" in schema:
        return " | ".join(_json(value) for value in cast("list[Any]", schema["enum"])) + more
    word: Any = schema.get("type")
    if word == "array" and isinstance(schema.get("items"), dict):
        inner = _type(schema["items"])
        return (f"({inner})[]" if " " in inner and inner[0] != "{" else f"{inner}[]") + more
    if word == "object" and schema.get("properties"):
        return "{" + _parameters(schema) + "}" + more
    if isinstance(word, list):
        return " | ".join(str(each) for each in cast("list[Any]", word)) + more
    return (str(word) if word else "any") + more


def _others(schema: Mapping[str, Any]) -> str:
    """Keywords that a signature has no place for."""
    rest = {key: value for key, value in schema.items() if key not in _SHOWN}
    return f" {_json(rest)}" if rest else ""


def _descriptions(schema: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, inner in cast("dict[str, Any]", schema.get("properties") or {}).items():
        said = " ".join(str(inner.get("description") or "").split())
        if said:
            yield f"  {path}{name}: {said}"
        items: Any = inner.get("items")
        yield from _descriptions(inner, f"{path}{name}.")
        if isinstance(items, dict):
            yield from _descriptions(cast("dict[str, Any]", items), f"{path}{name}[].")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
