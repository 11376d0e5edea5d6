"""JSON Schemas that no value meets, as far as that shows without following references. Pure."""

from collections.abc import Iterator
from decimal import Decimal
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


def is_never_met(schema: Any) -> bool:
    """Whether it is certain that no value meets it."""
    if schema is False or any(schema == one for one in _NOTHING):
        return True
    if not is_object(schema):
        return False
    return any(_reasons(schema))


def _reasons(schema: dict[str, Any]) -> Iterator[bool]:
    yield any(is_never_met(part) for part in _listed(schema, "allOf"))
    for key in ("anyOf", "oneOf"):
        parts = _listed(schema, key)
        yield bool(parts) and all(is_never_met(part) for part in parts)
    kinds = _kinds(schema)
    yield bool(kinds) and all(_is_empty(kind, schema) for kind in kinds)


def _kinds(schema: dict[str, Any]) -> list[str]:
    """The types that values may have; none where it does not say."""
    kinds = schema.get("type")
    named = kinds if is_list(kinds) else [kinds]
    return [kind for kind in named if isinstance(kind, str)]


def _is_empty(kind: str, schema: dict[str, Any]) -> bool:
    """Whether no value of this type meets it."""
    if any(kind == of and _crossed(schema, low, high) for of, low, high in _BOUNDS):
        return True
    if kind == "object":
        properties, required = schema.get("properties"), schema.get("required")
        wanted = [name for name in required if isinstance(name, str)] if is_list(required) else []
        return is_object(properties) and any(is_never_met(properties.get(name)) for name in wanted)
    if kind == "array" and not _listed(schema, "prefixItems"):
        least = _bound(schema, "minItems", max)
        return least is not None and least > 0 and "items" in schema and is_never_met(schema["items"])
    return False


def _crossed(schema: dict[str, Any], low: str, high: str) -> bool:
    least, most = _bound(schema, low, max), _bound(schema, high, min)
    if least is None or most is None:
        return False
    open_ended = any(schema.get(f"exclusive{name.capitalize()}") in (least, most) for name in (low, high))
    return least > most or (least == most and open_ended)


def _bound(schema: dict[str, Any], name: str, nearer: Any) -> Any:
    found = [schema.get(name), schema.get(f"exclusive{name.capitalize()}")]
    numbers = [one for one in found if isinstance(one, int | float | Decimal) and not isinstance(one, bool)]
    return nearer(numbers) if numbers else None


def _listed(schema: dict[str, Any], key: str) -> list[Any]:
    listed = schema.get(key)
    return listed if is_list(listed) else []
