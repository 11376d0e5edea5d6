"""Tells which JSON value an ``Any`` is, in a way that a type checker follows, and writes it as a text."""

import json
from typing import Any, TypeGuard


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def is_object_text(text: str) -> bool:
    """Whether a text is one JSON object by itself."""
    try:
        return is_object(json.loads(text))
    except (ValueError, RecursionError):
        return False


def is_written_json(value: object) -> bool:
    """Whether a value is a text that is a JSON object or list."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        return False
    return True


def json_text(value: object, *, sort_keys: bool = False) -> str:
    """A value as a JSON text. Raises ValueError for what JSON does not have."""
    try:
        return json.dumps(value, sort_keys=sort_keys, ensure_ascii=False, allow_nan=False)
    except ValueError:
        raise ValueError("it holds NaN, infinity or a number beyond 1.8e308, which JSON does not have") from None
