"""Finds parts of a JSON Schema that lead back to themselves before they look into a value. Pure."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from suture.core.json_types import SCHEMAS_DATA, is_list, is_object

_SAME_VALUE = ("not", "if", "then", "else")
_SAME_VALUE_LISTS = ("allOf", "anyOf", "oneOf")
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")


def loop_in(schema: Any) -> str | None:
    """A reference that, followed, leads back to where it stands without looking into the value: no value meets or
    fails such a schema for a reason. None where there is none, as in a schema of trees, whose reference looks deeper.
    """
    anchors = {
        node[key]: node for node in _nodes(schema) for key in ("$anchor", "$dynamicAnchor") if _is_text(node, key)
    }
    done: set[int] = set()
    for start in _nodes(schema):
        path: list[tuple[Any, Iterator[Any]]] = [(start, _beside(start, schema, anchors))]
        on_path = {id(start)}
        while path:
            node, beside = path[-1]
            after = next(beside, None)
            if after is None or id(node) in done:
                path.pop()
                on_path.discard(id(node))
                done.add(id(node))
            elif id(after) in on_path:
                return next((str(node[key]) for key in _REFERENCES if _is_text(node, key)), "a part of it")
            else:
                path.append((after, _beside(after, schema, anchors)))
                on_path.add(id(after))
    return None


def _is_text(node: dict[str, Any], key: str) -> bool:
    return isinstance(node.get(key), str)


def _nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Every object in the schema, keywords' own objects included: a little too many, which does no harm."""
    waiting: list[Any] = [schema]
    while waiting:
        node = waiting.pop()
        if is_object(node):
            yield node
            waiting.extend(inner for key, inner in node.items() if key not in SCHEMAS_DATA)
        elif is_list(node):
            waiting.extend(node)


def _beside(node: dict[str, Any], root: Any, anchors: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Schemas that the same value must also be held against."""
    beside = [_named(node[key], root, anchors) for key in _REFERENCES if _is_text(node, key)]
    beside += [node.get(key) for key in _SAME_VALUE]
    for key in _SAME_VALUE_LISTS:
        listed = node.get(key)
        beside += listed if is_list(listed) else []
    dependent = node.get("dependentSchemas")
    beside += list(dependent.values()) if is_object(dependent) else []
    yield from (found for found in beside if is_object(found))


def _named(reference: str, root: Any, anchors: dict[str, dict[str, Any]]) -> Any:
    """What a reference within the document names; None for all others."""
    if not reference.startswith("#"):
        return None
    if reference[1:] in anchors:
        return anchors[reference[1:]]
    found = root
    for part in reference[1:].split("/")[1:]:
        key = unquote(part).replace("~1", "/").replace("~0", "~")
        if is_object(found):
            found = found.get(key)
        elif is_list(found) and key.isdigit() and int(key) < len(found):
            found = found[int(key)]
        else:
            return None
    return found
