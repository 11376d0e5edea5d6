"""Functions as other people's rows define them, as definitions with a JSON Schema: Python's names of types become
JSON's, flat maps of parameters an object's schema."""

import re
from typing import Any

from suture.core.json_types import is_list, is_object, json_text
from suture.core.measure.tools import TYPE_WORDS
from suture.suites.convert.conversations import value_in
from suture.suites.convert.converter import NotConverted, json_of

_TYPES: dict[str, dict[str, Any]] = {
    "str": {"type": "string"}, "string": {"type": "string"}, "int": {"type": "integer"},
    "integer": {"type": "integer"}, "float": {"type": "number"}, "double": {"type": "number"},
    "number": {"type": "number"}, "bool": {"type": "boolean"}, "boolean": {"type": "boolean"},
    "list": {"type": "array"}, "array": {"type": "array"}, "tuple": {"type": "array"}, "set": {"type": "array"},
    "dict": {"type": "object"}, "dictionary": {"type": "object"}, "object": {"type": "object"},
    "any": {}, "none": {"type": "null"}, "null": {"type": "null"},
}  # fmt: skip
_OPTIONAL = re.compile(r",\s*optional\b.*$", re.IGNORECASE)
_SUBSCRIPT = re.compile(r"([a-z]+)\[(.*)\]")
_MOST_DEPTH = 100


def tools_of(written: Any) -> list[dict[str, Any]]:
    """The functions of a row, each as ``{"name", "description", "parameters"}``.

    Args:
        written: a list of definitions, one definition, or either as a JSON text. A definition is OpenAI's, or bare;
            its parameters are a JSON Schema, a flat map ``{NAME: {"type", "description", "default", "required"}}``, or
            missing. In a flat map what has no default is required, unless ``required`` is said of any parameter.

    Raises:
        NotConverted: no JSON, no list of functions, or a type that JSON does not have.
    """
    value = _json(written) if isinstance(written, str) else written
    tools: Any = [value] if is_object(value) else value if value is not None else []
    if not is_list(tools) or not all(is_object(tool) for tool in tools):
        raise NotConverted("its tools are no list of functions")
    stated = any(_states_required(tool) for tool in tools)
    return [_tool(tool, stated=stated) for tool in tools]


def _states_required(tool: Any) -> bool:
    """A flat map says of a parameter that it is required."""
    parameters: Any = tool.get("parameters")
    return is_object(parameters) and any(
        is_object(said) and isinstance(said.get("required"), bool) for said in parameters.values()
    )


def _json(text: str) -> Any:
    return json_of(text, "its tools are") if text.strip() else None


def _tool(tool: dict[str, Any], *, stated: bool) -> dict[str, Any]:
    inner: Any = tool.get("function")
    definition: dict[str, Any] = inner if is_object(inner) else tool
    name: Any = definition.get("name")
    if not isinstance(name, str) or not name:
        kind = tool.get("type")
        raise NotConverted(f"a tool of the type {kind!r} is no function" if kind else "one of its tools has no name")
    described: Any = definition.get("description")
    schema = _parameters(definition.get("parameters"), name, stated=stated)
    return {"name": name, "description": described if isinstance(described, str) else "", "parameters": schema}


def _parameters(written: Any, name: str, *, stated: bool) -> dict[str, Any]:
    written = written or {}
    if not is_object(written):
        raise NotConverted(f"the parameters of tool {name!r} are no object")
    if isinstance(written.get("type"), str) or (is_object(written.get("properties")) and "type" not in written):
        return {**plain_schema({"type": "object", **written}), "type": "object"}
    properties: dict[str, Any] = {}
    required: list[str] = []
    for parameter, said in written.items():
        if not is_object(said):
            raise NotConverted(f"the parameter {parameter!r} of tool {name!r} is no object")
        schema, optional = schema_of(said.get("type") or "any")
        rest = plain_schema({key: said[key] for key in ("items", "properties", "enum") if said.get(key)})
        described = {"description": said["description"]} if said.get("description") else {}
        properties[parameter] = {**schema, **rest, **described}
        if "default" in said and (said["default"] != "" or schema.get("type") == "string"):
            properties[parameter]["default"] = _typed(said["default"], schema)
        if said.get("required", not (stated or optional or "default" in said)):
            required.append(parameter)
    return {"type": "object", "properties": properties, "required": required}


def plain_schema(schema: Any, depth: int = 0) -> Any:
    """A JSON Schema with JSON's names of types, at every depth.

    Raises:
        NotConverted: a type that JSON does not have, or too deep.
    """
    if depth > _MOST_DEPTH:
        raise NotConverted("a schema is nested too deeply")
    if is_list(schema):
        return [plain_schema(inner, depth + 1) for inner in schema]
    if not is_object(schema):
        return schema
    found: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "type" and isinstance(value, str) and value not in TYPE_WORDS:
            found |= schema_of(value)[0]
        elif key in ("properties", "$defs", "definitions", "patternProperties") and is_object(value):
            found[key] = {name: plain_schema(inner, depth + 1) for name, inner in value.items()}
        elif key in ("items", "additionalProperties", "not", "anyOf", "oneOf", "allOf", "prefixItems"):
            found[key] = plain_schema(value, depth + 1)
        elif not (key == "required" and value is None):
            found[key] = value
    return found


def schema_of(written: Any) -> tuple[dict[str, Any], bool]:
    """The JSON Schema of a type as Python names it, and whether the parameter may be left out.

    Raises:
        NotConverted: a type that JSON does not have.
    """
    if not isinstance(written, str):
        raise NotConverted(f"a parameter has the type {written!r}")
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
        value = value_in(default.lower() if schema["type"] == "boolean" else default, "default")
        json_text(value)
    except (NotConverted, TypeError, ValueError):  # no literal, or one that JSON does not have, such as a set
        return default
    return value
