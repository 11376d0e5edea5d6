"""A JSON Schema of a row of your own, for editors: made from the types that read rows, so that the two cannot part."""

import inspect
import re
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema
from pydantic_core.core_schema import ModelSchema

from suture.core.measure.checks.json import JsonCheck
from suture.core.measure.checks.text import DECIDING, TextCheck
from suture.core.measure.tools import Tool, ToolCall
from suture.suites.own_rows import CHECKS, EXPECTED, OwnRow

DIALECT = "https://json-schema.org/draft/2020-12/schema"
KEPT_AS_TEXT = "_text"
"""Fields with this ending are given as values, under the name without it, and kept as JSON texts."""
_WRITTEN: dict[str, Any] = {
    "schema": {"type": ["object", "boolean"]},
    "parameters": {"type": "object", "properties": {"type": {"const": "object"}}, "required": ["type"]},
    "arguments": {"type": ["object", "string"]},
    "calls": {
        "type": "array",
        "items": {
            "anyOf": [
                {
                    "type": "object",
                    "properties": {"name": {"type": "string", "minLength": 1}, "arguments": {"type": "object"}},
                    "required": ["name", "arguments"],
                    "additionalProperties": False,
                },
                {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": 1,
                    "additionalProperties": {"type": "object", "additionalProperties": {"type": "array"}},
                },
            ]
        },
    },
}
"""What such a value may be; any value where nothing is said."""


def row_schema() -> dict[str, Any]:
    """The schema (2020-12) of one row with ``kind``: which keys ``check`` has follows from the kind."""
    _, found = models_json_schema(
        [(model, "validation") for model in (OwnRow, *CHECKS.values())], schema_generator=_Rows
    )
    schemas: dict[str, Any] = found["$defs"]
    row = schemas.pop(OwnRow.__name__)
    row["properties"]["kind"]["enum"] = list(CHECKS)
    del row["properties"]["check"]["type"], row["properties"]["check"]["additionalProperties"]
    asked = [_given("prompt"), _given("messages")]
    decided = [{"required": ["check"]}, {"required": ["expected"]}]
    by_kind = [_if_kind(kind, model) for kind, model in CHECKS.items()]
    row |= {"allOf": [{"oneOf": asked}, {"oneOf": decided}, *by_kind]}
    return {
        "$schema": DIALECT,
        "title": "A task of your own for Suture: one row of a JSONL file",
        **row,
        "$defs": schemas,
    }


def _if_kind(kind: str, model: type[BaseModel]) -> dict[str, Any]:
    place = f"#/$defs/{model.__name__}"
    then: dict[str, Any] = {"properties": {"check": {"$ref": place}}}
    if kind in EXPECTED:
        then["properties"]["expected"] = {"$ref": f"{place}/properties/{EXPECTED[kind]}"}
    else:
        then["required"] = ["check"]
    return {"if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]}, "then": then}


def _given(name: str) -> dict[str, Any]:
    """A field that is there and not null."""
    return {"required": [name], "properties": {name: {"not": {"type": "null"}}}}


class _Rows(GenerateJsonSchema):
    """As rows are written: texts of JSON are values, and a tool may stand in OpenAI's envelope."""

    def model_schema(self, schema: ModelSchema) -> dict[str, Any]:
        model: type[BaseModel] = schema["cls"]
        found = super().model_schema(schema)
        found.pop("title", None)
        found.pop("description", None)
        if said := _first_sentence(model):
            found["description"] = said
        told = _said_of_fields(model)
        fields: dict[str, Any] = {}
        for name, field in found.get("properties", {}).items():
            written = name.removesuffix(KEPT_AS_TEXT)
            field.pop("title", None)
            if field.get("default", "") is None:
                del field["default"]
            fields[written] = dict(_WRITTEN.get(written, {})) if written != name else field
            if name in told or written in told:
                fields[written]["description"] = told.get(name) or told[written]
        found["properties"] = fields
        required = [name.removesuffix(KEPT_AS_TEXT) for name in found.get("required", [])]
        if "kind" in fields and model not in (OwnRow, *CHECKS.values()):
            required.insert(0, "kind")
        if required:
            found["required"] = required
        return _with_rules_of(model, found)


def _with_rules_of(model: type[BaseModel], found: dict[str, Any]) -> dict[str, Any]:
    """What the type's validators demand beyond its fields."""
    if model is JsonCheck:
        return found | {"anyOf": [{"required": ["equals"]}, {"required": ["schema"]}]}
    if model is TextCheck:
        return found | {"oneOf": [_given(name) for name in DECIDING]}
    if model in (Tool, ToolCall):
        bare = found | {"additionalProperties": True}
        envelope = {"type": "object", "properties": {"function": bare}, "required": ["function"]}
        return {"anyOf": [bare, envelope]}
    return found


def _first_sentence(model: type[BaseModel]) -> str:
    text = inspect.cleandoc(model.__doc__ or "").partition("Attributes:")[0]
    return _plain(text)


def _said_of_fields(model: type[BaseModel]) -> dict[str, str]:
    """What the part ``Attributes:`` of the docstring says of each field."""
    told: dict[str, str] = {}
    names: list[str] = []
    _, _, part = inspect.cleandoc(model.__doc__ or "").partition("Attributes:\n")
    for line in inspect.cleandoc(part).splitlines():
        if starts := re.match(r"(\w+(?:, \w+)*): (.*)", line):
            names = starts[1].split(", ")
            told |= dict.fromkeys(names, starts[2])
        elif line.startswith(" "):
            told |= {name: f"{told[name]} {line.strip()}" for name in names}
    return {name: _plain(text) for name, text in told.items()}


def _plain(text: str) -> str:
    """Editors show descriptions as they are."""
    return " ".join(text.replace("``", "`").split())
