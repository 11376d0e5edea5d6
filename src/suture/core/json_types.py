"""Tells which JSON value an ``Any`` is, in a way that a type checker follows, and writes it as a text."""

import json
from typing import Any, TypeGuard

SCHEMAS_DATA = ("enum", "const", "default", "examples")
"""Keywords of a JSON Schema whose values are no schemas, whatever they look like."""


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def is_object_text(text: str) -> bool:
    """Whether a text is one JSON object by itself."""
    return is_object(_read(text))


def is_written_json(value: object) -> bool:
    """Whether a value is a text that is a JSON object or list."""
    return isinstance(value, str) and isinstance(_read(value), dict | list)


def _read(text: str) -> object:
    """None for what is no JSON, too."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def json_text(value: object, *, sort_keys: bool = False) -> str:
    """A value as a JSON text. Raises ValueError for what JSON does not have."""
    try:
        return json.dumps(value, sort_keys=sort_keys, ensure_ascii=False, allow_nan=False)
    except ValueError:
        raise ValueError("it holds NaN, infinity or a number beyond 1.8e308, which JSON does not have") from None
