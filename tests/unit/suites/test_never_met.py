"""Schemas that no value meets."""

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.suites.kinds.compiled_schemas import why_unusable
from suture.suites.kinds.never_met import is_never_met

NEVER = [
    False,
    {"not": {}},
    {"enum": []},
    {"type": "integer", "minimum": 5, "maximum": 4},
    {"type": "number", "exclusiveMinimum": 4, "maximum": 4},
    {"type": "string", "minLength": 3, "maxLength": 2},
    {"type": "array", "minItems": 2, "maxItems": 1},
    {"type": "array", "minItems": 1, "items": False},
    {"type": ["integer", "string"], "minimum": 5, "maximum": 4, "minLength": 3, "maxLength": 2},
    {"type": "object", "properties": {"a": False}, "required": ["a"]},
    {"type": "object", "properties": {"a": {"type": "integer", "minimum": 2, "maximum": 1}}, "required": ["a"]},
    {"allOf": [{"type": "object"}, False]},
    {"anyOf": [{"not": {}}, {"enum": []}]},
]
SOMETIMES = [
    True,
    {},
    {"minimum": 5, "maximum": 4},
    {"type": ["integer", "null"], "minimum": 5, "maximum": 4},
    {"type": "integer", "minimum": 4, "maximum": 4},
    {"type": "object", "properties": {"a": False}},
    {"type": "object", "properties": {"a": {"type": "integer", "minimum": 2, "maximum": 1}}},
    {"type": "array", "items": False},
    {"type": "array", "minItems": 1, "prefixItems": [{}], "items": False},
    {"anyOf": [False, {"type": "null"}]},
    {"type": "object", "required": ["a"], "properties": []},
    {"type": "number", "minimum": 0, "maximum": 0, "exclusiveMinimum": False},
    {"$ref": "#/$defs/a", "type": "string", "minLength": 5, "maxLength": 1},
]


@pytest.mark.parametrize("schema", NEVER, ids=str)
def test_what_no_value_meets(schema):
    assert is_never_met(schema)


@pytest.mark.parametrize("schema", SOMETIMES, ids=str)
def test_what_some_value_meets(schema):
    assert not is_never_met(schema)


def test_it_is_said():
    assert why_unusable('{"type": "integer", "minimum": 5, "maximum": 4}') == "its schema can never be met"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-6, 6) | st.text("ab", max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=6,
)
BOUND = st.integers(-5, 5)
SCHEMAS = st.recursive(
    st.booleans()
    | st.fixed_dictionaries(
        {"type": st.sampled_from(["integer", "number", "null", "boolean"])},
        optional={"minimum": BOUND, "maximum": BOUND, "exclusiveMinimum": BOUND, "exclusiveMaximum": BOUND},
    )
    | st.fixed_dictionaries(
        {"type": st.just("string")}, optional={"minLength": st.integers(0, 3), "maxLength": st.integers(0, 3)}
    ),
    lambda inner: st.fixed_dictionaries(
        {"type": st.sampled_from(["object", "array"])},
        optional={
            "properties": st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
            "required": st.lists(st.sampled_from("ab"), unique=True),
            "items": inner,
            "minItems": st.integers(0, 2),
            "maxItems": st.integers(0, 2),
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "anyOf": st.lists(inner, min_size=1, max_size=2),
        },
    ),
    max_leaves=5,
)


@given(SCHEMAS, VALUES)
def test_no_value_that_there_is_meets_such_a_schema(schema, value):
    if is_never_met(schema):
        assert not jsonschema_rs.validator_for(schema).is_valid(value)


@pytest.mark.parametrize("key", ["items", "allOf", "anyOf"])
def test_deep_schemas_are_looked_into_as_far_as_is_of_use(key):
    schema = {"type": "string"}
    for _ in range(2000):
        schema = {"type": "array", key: schema if key == "items" else [schema]}
    assert not is_never_met(schema)
