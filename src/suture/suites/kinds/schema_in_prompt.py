"""Finds the JSON Schema that a prompt carries."""

import json
from typing import Any

from suture.core.json_types import is_object
from suture.core.measure.tools import TYPE_WORDS

_SAYS_MORE = ("properties", "items", "enum", "required", "prefixItems", "additionalProperties", "const")
_MOST_OBJECTS = 64


def schema_in(text: str) -> str | None:
    """The first object in a text that reads as a JSON Schema, as the text wrote it; None where there is none."""
    decoder = json.JSONDecoder()
    at = text.find("{")
    for _ in range(_MOST_OBJECTS):
        if at < 0:
            return None
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            if _is_schema(value):
                return text[at:end]
        at = text.find("{", end)
    return None


def _is_schema(value: Any) -> bool:
    if not is_object(value):
        return False
    if isinstance(value.get("$schema"), str):
        return True
    stated = value.get("type") in TYPE_WORDS and any(word in value for word in _SAYS_MORE)
    return stated or (is_object(value.get("properties")) and isinstance(value.get("required", []), list))
