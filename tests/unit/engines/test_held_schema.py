"""What a schema asks is held token by token, as far as a grammar can; one keyword that none has frees nothing."""

import json

import pytest

from suture.engines.held_schema import held_schema
from suture.engines.llamacpp_server import LlamaServer

BASE = {
    "type": "object",
    "properties": {"a": {"type": "array", "items": {"type": "string"}, "maxItems": 2}},
    "required": ["a"],
}


@pytest.fixture(scope="module")
def server(pack):
    server = LlamaServer(pack, threads=1, context=256)
    yield server
    server.close()


def with_a(**more):
    return {**BASE, "properties": {"a": {**BASE["properties"]["a"], **more}}}


def test_nothing_that_can_be_held_is_left_out():
    assert held_schema(BASE) == BASE | {"x-guidance": {"lenient": True}}
    assert held_schema(True) == {"x-guidance": {"lenient": True}}
    pattern = {"type": "string", "pattern": "^[a-z]+$"}
    assert held_schema({"anyOf": [pattern]})["anyOf"] == [pattern]
    assert held_schema({"anyOf": [{"type": "string", "pattern": r"\bcat\b"}]})["anyOf"] == [{"type": "string"}]


def test_data_is_no_schema():
    data = {"pattern": r"\bcat\b"}
    held = held_schema({"properties": {"pattern": {"const": data}, "const": {"type": "string", "pattern": r"\bcat\b"}}})
    assert held["properties"] == {"pattern": {"const": data}, "const": {"type": "string"}}
    assert held_schema({"enum": [data], "default": data})["enum"] == [data]
    asked = held_schema({"x-guidance": {"whitespace_flexible": False}})
    assert asked == {"x-guidance": {"whitespace_flexible": False, "lenient": True}}


@pytest.mark.parametrize(
    "schema",
    [
        BASE,
        BASE | {"patternProperties": {r"\bx": {"type": "string"}}},
        with_a(items={"type": "string", "pattern": "(?m)^a"}),
        with_a(items={"type": "string", "pattern": "a^b"}),
        with_a(items={"type": "string", "pattern": r"\cA"}),
        with_a(items={"type": "string", "pattern": "^[^a-c]+$"}),
        with_a(uniqueItems=True),
        with_a(contains={"type": "string"}),
        with_a(items={"type": "string", "format": "uri"}),
        with_a(items={"type": "string", "pattern": r"\bcat\b"}),
        BASE | {"not": {"required": ["z"]}},
        BASE | {"if": {"required": ["b"]}, "then": {"required": ["a"]}},
        BASE | {"dependentRequired": {"b": ["a"]}},
        BASE | {"propertyNames": {"maxLength": 3}},
        BASE | {"unevaluatedProperties": False},
        {"$defs": {"X": with_a(uniqueItems=True)}, "$ref": "#/$defs/X"},
    ],
    ids=json.dumps,
)
def test_the_engine_holds_answers_to_it(server, schema):
    said = server.complete(
        {"prompt": "a", "max_tokens": 12, "temperature": 0, "cache_prompt": False, "json_schema": held_schema(schema)}
    )
    assert said["choices"][0]["text"].lstrip().startswith("{")
