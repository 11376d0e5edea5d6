"""What is refused, and how: one shape with four fields, a status that clients act on, and nothing taken by halves."""

import json
import string

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.core.errors import Fault
from suture.serve.api_error import ApiError
from suture.serve.chat_fields import ChatFields
from suture.serve.fields import read_fields

SCHEMA = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}}
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}


def error_of(said, status):
    assert said.status_code == status
    error = said.json()["error"]
    assert set(error) == {"message", "type", "param", "code"} and error["message"]
    assert "None" not in (error["param"], error["code"])
    return error


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"lora": [{"id": 0, "scale": 1}]}, "lora"),
        ({"id_slot": 1}, "id_slot"),
        ({"cache_prompt": True}, "cache_prompt"),
        ({"grammar": "root ::= 'a'"}, "grammar"),
        ({"samplers": []}, "samplers"),
        ({"n_probs": 5}, "n_probs"),
        ({"functions": []}, "functions"),
        ({"stream_options": {"other": True}}, "stream_options.other"),
        ({"messages": [{"role": "user", "content": "a", "lora": 1}]}, "messages[0].lora"),
    ],
)
def test_a_field_that_is_not_on_the_list_is_refused_by_name(door, speaker, fields, param):
    error = error_of(door.chat(**fields), 400)
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", param, "unknown_parameter")
    assert speaker.heard == []


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"stop": 5}, "stop"),
        ({"stop": ""}, "stop"),
        ({"stop": ["a", ""]}, "stop"),
        ({"stop": list("abcde")}, "stop"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "robot", "content": "a"}]}, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "messages[0]"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "a"}}]}]}, "messages"),
        ({"temperature": 2.1}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"top_p": 0}, "top_p"),
        ({"n": 0}, "n"),
        ({"n": 1000}, "n"),
        ({"n": 1.5}, "n"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": -1}, "max_tokens"),
        ({"max_tokens": 3, "max_completion_tokens": 4}, "max_tokens"),
        ({"seed": 2**70}, "seed"),
        ({"top_logprobs": 2}, "top_logprobs"),
        ({"logprobs": True, "top_logprobs": 10**6}, "top_logprobs"),
        ({"logit_bias": {"word": 1}}, "logit_bias"),
        ({"logit_bias": {"5": 1000}}, "logit_bias"),
        ({"stream": "yes"}, "stream"),
        ({"tool_choice": "sometimes"}, "tool_choice"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "other"}}}, "tool_choice"),
        ({"tools": [TOOL, TOOL]}, "tools[1].function.name"),
        ({"tools": [{"type": "web_search"}]}, "tools"),
        ({"tools": [{"type": "function", "function": {"parameters": {}}}]}, "tools[0].function"),
        ({"tools": [TOOL], "response_format": SCHEMA}, "response_format"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
        ({"response_format": {"type": "xml"}}, "response_format.type"),
    ],
)
def test_a_value_that_is_wrong_is_refused_with_its_field(door, speaker, fields, param):
    error = error_of(door.chat(**fields), 400)
    assert error["type"] == "invalid_request_error"
    assert error["param"].startswith(param)
    assert speaker.heard == []


@pytest.mark.parametrize(
    "schema",
    [
        123,
        "object",
        False,
        {"not": {}},
        {"type": "strange"},
        {"type": "string", "pattern": "("},
        {"$ref": "https://elsewhere.example/schema"},
        {"$ref": "#/$defs/missing"},
        {"type": "string", "pattern": "(?=a)b"},
        {"type": "object", "description": "x" * 40_000},
    ],
    ids=str,
)
def test_a_schema_that_holds_nothing_is_refused(door, speaker, schema):
    said = door.chat(response_format={"type": "json_schema", "json_schema": {"name": "a", "schema": schema}})
    error = error_of(said, 400)
    assert (error["param"], error["code"]) == ("response_format.json_schema.schema", "invalid_json_schema")
    assert speaker.heard == []


def test_missing_fields_are_named(door):
    for field in ("model", "messages"):
        error = error_of(door.chat(**{field: None}), 400)
        assert (error["param"], error["code"]) == (field, "missing_required_parameter")


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"nothing", b'{"model": "code",', b'{"model": NaN}', b"\xff\xfe", b'"\\ud800"', b'{"a":"\\ud800"}'],
)
def test_a_body_that_is_no_object_is_refused(door, body):
    said = door.http.post("/v1/chat/completions", content=body, headers={"content-type": "application/json"})
    assert error_of(said, 400)["code"] in ("invalid_json", "unknown_parameter")


@pytest.mark.parametrize("depth", [300, 100_000])
def test_a_body_nested_too_deeply_is_refused(door, depth):
    body = b'{"model":"code","messages":[{"role":"user","content":"a"}],"response_format":{"type":"json_schema",'
    body += b'"json_schema":{"name":"a","schema":' + b'{"not":' * depth + b"{}" + b"}" * depth + b"}}}"
    said = door.http.post("/v1/chat/completions", content=body, headers={"content-type": "application/json"})
    assert error_of(said, 400)["type"] == "invalid_request_error"


def test_another_model_is_not_found(door):
    for said in (door.chat(model="other"), door.complete(model="other"), door.chat(model="other", stream=True)):
        error = error_of(said, 404)
        assert (error["param"], error["code"]) == ("model", "model_not_found")


def test_a_prompt_that_is_too_long_has_the_code_that_clients_look_for(door):
    error = error_of(door.chat(messages=[{"role": "user", "content": "word " * 5000}]), 400)
    assert error["code"] == "context_length_exceeded" and "4096" in error["message"]


def test_paths_and_methods(door):
    assert error_of(door.http.get("/v2"), 404)["code"] == "not_found"
    assert error_of(door.http.get("/v1/chat/completions"), 405)["code"] == "method_not_allowed"
    assert error_of(door.http.options("/v1/chat/completions"), 405)
    assert door.http.head("/v1/models").status_code == 200


def test_another_type_of_body_is_refused(door):
    said = door.http.post("/v1/chat/completions", content=b"a=b", headers={"content-type": "text/plain"})
    assert error_of(said, 415)["code"] == "unsupported_media_type"


def test_a_failing_engine_is_a_5xx_without_its_words_lost(door, speaker, events):
    speaker.failing = (0, Fault("the engine failed: out of memory"))
    assert error_of(door.chat(), 500)["type"] == "server_error"
    speaker.failing = (1, Fault("the engine failed: out of memory"))
    assert error_of(door.chat(), 500)["code"] == "engine_failed"
    said = door.chat(stream=True)
    chunks, done = events(said)
    assert said.status_code == 200 and not done
    assert set(chunks[-1]["error"]) == {"message", "type", "param", "code"}


def test_the_official_client_raises_what_belongs_to_each_status(client, speaker, door):
    hello = [{"role": "user", "content": "Hello."}]
    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(model="other", messages=hello)
    assert missing.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="code", messages=hello, temperature=3)
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("other")
    speaker.failing = (1, Fault("the engine failed"))
    with pytest.raises(openai.APIError, match="the engine failed"):
        list(client.chat.completions.create(model="code", messages=hello, stream=True))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(string.printable, max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(string.ascii_letters, max_size=6), inner),
    max_leaves=6,
)
FIELDS = st.sampled_from([*ChatFields.model_fields, "lora"])


@given(st.dictionaries(FIELDS, JSON, max_size=5))
def test_any_body_is_read_or_refused_and_nothing_else(changes):
    body = {"model": "m", "messages": [{"role": "user", "content": "a"}]} | changes
    try:
        read_fields(ChatFields, json.dumps(body).encode()).to_asked()
    except ApiError as error:
        assert 400 <= error.status < 500


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "minimum": 5, "maximum": 4},
        {"type": "object", "properties": {"a": False}, "required": ["a"]},
    ],
    ids=str,
)
def test_a_schema_that_nothing_can_meet_is_refused(door, speaker, schema):
    said = door.chat(response_format={"type": "json_schema", "json_schema": {"name": "a", "schema": schema}})
    assert "can never be met" in error_of(said, 400)["message"]
    assert speaker.heard == []
