"""Tools and calls as chats carry them."""

import pytest

from suture.core.measure.task import Message
from suture.core.measure.tools import Tool, ToolCall

WEATHER = {
    "name": "get_weather",
    "description": "Weather of a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def test_openai_s_form_and_the_bare_function_are_one_tool():
    assert Tool.model_validate(WEATHER) == Tool.model_validate({"type": "function", "function": WEATHER})
    assert Tool.model_validate(WEATHER).as_openai() == {"type": "function", "function": WEATHER}
    assert Tool.from_json_text(Tool.model_validate(WEATHER).to_json_text()) == Tool.model_validate(WEATHER)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        (None, "has no parameters"),
        ([], "has no parameters"),
        ({"properties": {}}, "no JSON Schema of type 'object'"),
        ({"type": "object", "properties": {"a": {"type": "dict"}}}, "parameter 'a' has the unknown type 'dict'"),
        (
            {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "float"}}}},
            "unknown type 'float'",
        ),
        ({"type": "object", "properties": {"a": {"type": ["string", "text"]}}}, "unknown type 'text'"),
    ],
)
def test_a_definition_that_says_nothing_is_refused(parameters, words):
    with pytest.raises(ValueError, match=words):
        Tool.model_validate({**WEATHER, "parameters": parameters})


def test_arguments_come_as_an_object_or_as_its_text():
    called = {"name": "get_weather", "arguments": {"city": "Bern"}}
    assert ToolCall.model_validate(called).as_json() == '{"name": "get_weather", "arguments": {"city": "Bern"}}'
    openai = {"id": "1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Bern"}'}}
    assert ToolCall.model_validate(openai) == ToolCall.model_validate(called)


@pytest.mark.parametrize("arguments", ["not json", "[1]", [1], None])
def test_arguments_that_are_no_object_are_refused(arguments):
    with pytest.raises(ValueError, match="arguments"):
        ToolCall.model_validate({"name": "f", "arguments": arguments})


def test_a_plain_message_is_stored_as_before():
    assert Message(role="user", content="hi").to_json() == {"role": "user", "content": "hi"}


def test_true_and_false_are_schemas_of_parameters():
    parameters = {"type": "object", "properties": {"any": True, "none": False}}
    tool = Tool.model_validate({**WEATHER, "parameters": parameters})
    assert tool.properties == {"any": {}, "none": {"enum": []}}
    assert tool.as_openai()["function"]["parameters"] == parameters
