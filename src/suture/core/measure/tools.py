"""Tools that a chat offers to a model, and calls of them; schemas and arguments are kept as JSON texts."""

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from pydantic import Field, model_validator

from suture.core.frozen import Frozen
from suture.core.json_types import is_list, is_object, json_text

TYPE_WORDS = ("string", "number", "integer", "boolean", "array", "object", "null")
"""Of JSON Schema. A schema without ``type`` takes any value."""


class Tool(Frozen):
    """One function that a model may call. Reads OpenAI's form, ``{"type": "function", "function": {...}}``, and the
    bare function; a definition without parameters, or with a type that JSON Schema does not know, is refused.

    Attributes:
        parameters_text: the JSON Schema of its arguments, an object, as a JSON text.
    """

    name: str = Field(min_length=1)
    description: str = ""
    parameters_text: str

    @model_validator(mode="before")
    @classmethod
    def _of_openai(cls, raw: object) -> object:
        if not is_object(raw) or "parameters_text" in raw:
            return raw
        function = _function_of(raw)
        name, parameters = function.get("name"), function.get("parameters")
        if not is_object(parameters):
            raise ValueError(f"tool {name!r} has no parameters: give a JSON Schema of type 'object'")
        if parameters.get("type") != "object" or not is_object(parameters.get("properties", {})):
            raise ValueError(f"the parameters of tool {name!r} are no JSON Schema of type 'object'")
        if isinstance(name, str) and not name.isprintable():
            raise ValueError(f"{name!r} is no name of a tool: it has characters that cannot be printed")
        refuse_broken_schema(parameters, f"tool {name!r}")
        _refuse_unknown_required(parameters, f"tool {name!r}")
        text = json_text(parameters)
        return {"name": name, "description": function.get("description") or "", "parameters_text": text}

    @cached_property
    def parameters(self) -> dict[str, Any]:
        return json.loads(self.parameters_text)

    @cached_property
    def properties(self) -> Mapping[str, dict[str, Any]]:
        """The schema of each parameter, as an object: also ``true``, which takes any value, and ``false``, none."""
        stated: Mapping[str, Any] = self.parameters.get("properties", {})
        whole: dict[bool, dict[str, Any]] = {True: {}, False: {"enum": []}}
        return {name: schema if is_object(schema) else whole[bool(schema)] for name, schema in stated.items()}

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(self.parameters.get("required", ()))

    def as_openai(self) -> dict[str, Any]:
        """Return it as chat templates and servers take it."""
        function = {"name": self.name, "description": self.description, "parameters": self.parameters}
        return {"type": "function", "function": function}


class ToolCall(Frozen):
    """``arguments_text`` is a JSON object."""

    name: str = Field(min_length=1)
    arguments_text: str

    @model_validator(mode="before")
    @classmethod
    def _of_openai(cls, raw: object) -> object:
        if not is_object(raw) or "arguments_text" in raw:
            return raw
        function = _function_of(raw)
        arguments: Any = function.get("arguments")
        if isinstance(arguments, str):
            try:
                arguments = json.loads(arguments)
            except ValueError:
                raise ValueError(f"the arguments of a call of {function.get('name')!r} are no JSON") from None
        if not is_object(arguments):
            raise ValueError(f"the arguments of a call of {function.get('name')!r} are no object")
        text = json_text(arguments)
        return {"name": function.get("name"), "arguments_text": text}

    @property
    def arguments(self) -> dict[str, Any]:
        return json.loads(self.arguments_text)

    def as_openai(self) -> dict[str, Any]:
        """With the arguments as an object: chat templates write them out themselves."""
        return {"type": "function", "function": {"name": self.name, "arguments": self.arguments}}

    def as_json(self) -> str:
        name = json.dumps(self.name, ensure_ascii=False)
        return f'{{"name": {name}, "arguments": {self.arguments_text}}}'


def refuse_broken_schema(schema: Mapping[str, Any], where: str) -> None:
    """Raises ValueError: at any depth a type that JSON Schema does not know, or a keyword whose value it cannot be."""
    stated: Any = schema.get("type")
    for word in stated if is_list(stated) else [stated]:
        if word is not None and word not in TYPE_WORDS:
            raise ValueError(f"{where} has the unknown type {word!r}; known: {', '.join(TYPE_WORDS)}")
    if not is_list(schema.get("enum", [])):
        raise ValueError(f"{where} has an `enum` that is no list")
    required: Any = schema.get("required", [])
    if not is_list(required) or not all(isinstance(name, str) for name in required):
        raise ValueError(f"{where} has a `required` that is no list of names")
    for keyword, inner, place in _inner_schemas(schema, where):
        if is_object(inner):
            refuse_broken_schema(inner, place)
        elif not isinstance(inner, bool):
            raise ValueError(f'{place} is no schema: `{keyword}` holds schemas, such as {{"type": "string"}}')


_MAPS, _LISTS = ("properties", "$defs", "definitions", "patternProperties"), ("anyOf", "oneOf", "allOf", "prefixItems")
_ONES = ("items", "additionalProperties", "not", "contains", "propertyNames", "if", "then", "else")


def _inner_schemas(schema: Mapping[str, Any], where: str) -> Iterator[tuple[str, Any, str]]:
    """Each schema inside, with the keyword that holds it and its place in words."""
    for keyword in _MAPS:
        named: Any = schema.get(keyword, {})
        if not is_object(named):
            raise ValueError(f"{where} has `{keyword}` that is no object")
        for name, inner in named.items():
            yield keyword, inner, f"{where}, {'parameter' if keyword == 'properties' else keyword} {name!r}"
    for keyword in _LISTS:
        listed: Any = schema.get(keyword, [])
        if not is_list(listed):
            raise ValueError(f"{where} has `{keyword}` that is no list")
        for inner in listed:
            yield keyword, inner, f"{where}, {keyword}"
    for keyword in _ONES:
        if keyword in schema:
            one: Any = schema[keyword]
            for inner in one if keyword == "items" and is_list(one) else [one]:  # drafts before 2020-12 list items
                yield keyword, inner, f"{where}, {keyword}"


def _refuse_unknown_required(parameters: Mapping[str, Any], where: str) -> None:
    """Raises ValueError: a parameter is required and nowhere described."""
    described: Mapping[str, Any] = parameters.get("properties", {})
    for name in parameters.get("required", []):
        if name not in described and "patternProperties" not in parameters:
            raise ValueError(f"{where} requires {name!r}, which its properties do not have")


def _function_of(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without OpenAI's envelope, ``{"type": "function", "function": {...}}``, where there is one."""
    inner: Any = raw.get("function")
    return inner if is_object(inner) else raw
