"""JSON Schemas that no value meets, as far as that shows without following references. Pure."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from suture.core.json_types import is_list, is_object

_NOTHING: tuple[Any, ...] = ({"not": {}}, {"not": True}, {"enum": []})
_BOUNDS = (
    ("number", "minimum", "maximum"),
    ("integer", "minimum", "maximum"),
    ("string", "minLength", "maxLength"),
    ("array", "minItems", "maxItems"),
    ("object", "minProperties", "maxProperties"),
)
_DEEPEST = 16
"""Schemas within schemas that are looked into."""


def is_never_met(schema: Any, deepest: int = _DEEPEST) -> bool:
    """Whether it is certain that no value meets it.

    What stands beside a ``$ref`` says nothing: older drafts ignore it.
    """
    if schema is False or any(schema == one for one in _NOTHING):
        return True
    if not is_object(schema) or "$ref" in schema or not deepest:
        return False
    inner = partial(is_never_met, deepest=deepest - 1)
    if any(map(inner, _listed(schema, "allOf"))):
        return True
    if any(parts and all(map(inner, parts)) for parts in (_listed(schema, "anyOf"), _listed(schema, "oneOf"))):
        return True
    kinds = _kinds(schema)
    return bool(kinds) and all(_is_empty(kind, schema, inner) for kind in kinds)


def _kinds(schema: dict[str, Any]) -> list[str]:
    """The types that values may have; none where it does not say."""
    kinds = schema.get("type")
    named = kinds if is_list(kinds) else [kinds]
    return [kind for kind in named if isinstance(kind, str)]


def _is_empty(kind: str, schema: dict[str, Any], inner: Callable[[Any], bool]) -> bool:
    """Whether no value of this type meets it."""
    if any(kind == of and _crossed(schema, low, high) for of, low, high in _BOUNDS):
        return True
    if kind == "object":
        properties, required = schema.get("properties"), schema.get("required")
        wanted = [name for name in required if isinstance(name, str)] if is_list(required) else []
        return is_object(properties) and any(inner(properties.get(name)) for name in wanted)
    if kind == "array" and not _listed(schema, "prefixItems"):
        least = _number(schema.get("minItems"))
        return least is not None and least > 0 and "items" in schema and inner(schema["items"])
    return False


def _crossed(schema: dict[str, Any], low: str, high: str) -> bool:
    """Whether the lower bound is above the upper one; open ends are numbers' own (not drafts 4 and older's flags)."""
    least, most = _number(schema.get(low)), _number(schema.get(high))
    if low != "minimum":
        return least is not None and most is not None and least > most
    above, below = _number(schema.get("exclusiveMinimum")), _number(schema.get("exclusiveMaximum"))
    pairs = [(least, most, False), (above, most, True), (least, below, True), (above, below, True)]
    return any(
        one is not None and other is not None and (one > other or (is_open and one == other))
        for one, other, is_open in pairs
    )


def _number(value: Any) -> Any:
    return value if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None


def _listed(schema: dict[str, Any], key: str) -> list[Any]:
    listed = schema.get(key)
    return listed if is_list(listed) else []
