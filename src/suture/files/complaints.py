"""Says in plain words what is wrong with a piece of JSON."""

import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from suture.core.errors import UnknownName
from suture.core.strict_json import Unclear

_WANTED = {
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list",
    "tuple": "a list",
    "dict": "an object",
    "model": "an object",
    "finite_number": "a finite number",
    "decimal": "a number",
}
"""What pydantic's error types, up to their ending, wanted."""
_FIELDS = {"missing": "no", "extra_forbidden": "unknown"}
_EMPTY = ("string_too_short", "too_short")
_NAMES: dict[type[object], str] = {
    dict: "an object",
    list: "a list",
    tuple: "a list",
    str: "text",
    bool: "true or false",
    type(None): "null",
}


def name_of(value: object) -> str:
    """Name the sort of a JSON value: ``an object``, ``a list``, ``text``, ``a number``."""
    return _NAMES.get(type(value), "a number")


def not_json(error: ValueError | RecursionError) -> str:
    """Says where a text stops being JSON."""
    if isinstance(error, RecursionError):
        return "not JSON that can be read: nested too deeply"
    if isinstance(error, Unclear):
        return str(error)
    if not isinstance(error, json.JSONDecodeError):
        return "not JSON that can be read: a number of too many digits"
    around = error.doc[error.pos : error.pos + 30].split("\n")[0]
    line = f"line {error.lineno}, " if "\n" in error.doc.strip() else ""
    if not around:
        return f"not JSON: it ends at {line}column {error.colno}, before it is complete"
    return f"not JSON from {line}column {error.colno} on: {around}"


def wanted_by(error_type: str) -> str | None:
    """The sort of value that one of pydantic's types of errors wants; None where it wants no sort."""
    return _WANTED.get(re.sub(r"_(type|parsing|from_float)$", "", error_type))


def wrong_value(error: ValidationError) -> str:
    """The first thing that pydantic found wrong, with the field's name."""
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return f"not JSON ({first.get('ctx', {}).get('error', 'cut off')})"
    field = ".".join(str(part) for part in first["loc"])
    at = f"{field}: " if field else ""
    if first["type"] in _FIELDS:
        return f"{_FIELDS[first['type']]} field {field!r}"
    if first["type"] == "union_tag_invalid":
        return at + _unknown_tag(first.get("ctx", {}))
    if first["type"] in _EMPTY and first.get("ctx", {}).get("min_length") == 1:
        return f"{field or 'it'} is empty"
    wanted = wanted_by(first["type"])
    if wanted is None:
        return f"{at}{first['msg'].removeprefix('Value error, ')}"
    return f"{field or 'it'} is {name_of(first['input'])}, not {wanted}"


def _unknown_tag(context: Mapping[str, Any]) -> str:
    """Of a type that is one of several: pydantic's own words are a list."""
    known = [name.strip(" '") for name in str(context.get("expected_tags", "")).split(",")]
    return str(UnknownName(str(context.get("discriminator", "kind")).strip("'"), str(context.get("tag")), known))
