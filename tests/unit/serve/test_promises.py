"""What a request may count on: JSON by a schema, calls of its tools, an answer in the form that was measured."""

import json

import pytest
from doors import open_door, responder
from fake_speaker import FakeSpeaker
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from suture.core.measure.task import fenced

SCHEMA = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}
FORMAT = {"type": "json_schema", "json_schema": {"name": "person", "schema": SCHEMA, "strict": True}}
LOOK = {
    "type": "function",
    "function": {
        "name": "look",
        "description": "Looks a word up.",
        "parameters": {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]},
    },
}
WAIT = {"type": "function", "function": {"name": "wait"}}
CALL = '[{"name": "look", "arguments": {"word": "two words", "times": 2.50, "big": 12345678901234567890}}]'


def test_a_schema_reaches_the_engine_and_a_valid_answer_the_client(door, speaker, says):
    says('{"age": 5}')
    assert json.loads(door.chat(response_format=FORMAT).json()["choices"][0]["message"]["content"]) == {"age": 5}
    assert json.loads(speaker.heard[-1].schema_text) == SCHEMA
    door.chat(response_format={"type": "json_object"})
    assert json.loads(speaker.heard[-1].schema_text) == {"type": "object"}
    door.chat(response_format={"type": "text"})
    assert speaker.heard[-1].schema_text is None


@pytest.mark.parametrize("text", ['{"age": "old"}', "no JSON", "{}", '{"age": 5} and more'])
def test_an_answer_that_breaks_its_schema_is_never_given_as_a_good_one(door, says, events, text):
    says(text)
    said = door.chat(response_format=FORMAT)
    assert (said.status_code, said.headers["x-should-retry"]) == (500, "false")
    assert (said.json()["error"]["code"], said.json()["error"]["param"]) == ("invalid_answer", "response_format")
    chunks, done = events(door.chat(response_format=FORMAT, stream=True))
    assert not done and chunks[-1]["error"]["code"] == "invalid_answer"


def test_an_answer_that_was_cut_off_is_given_as_cut_off(door, says):
    says('{"age": 5 }')
    assert door.chat(response_format=FORMAT, max_tokens=1).json()["choices"][0]["finish_reason"] == "length"


def test_calls_are_given_as_calls(door, says, events):
    says(CALL)
    body = door.chat(tools=[LOOK, WAIT]).json()
    ChatCompletion.model_validate(body, strict=True)
    choice = body["choices"][0]
    assert (choice["finish_reason"], choice["message"]["content"]) == ("tool_calls", None)
    [call] = choice["message"]["tool_calls"]
    assert call["type"] == "function" and call["id"].startswith("call_") and call["function"]["name"] == "look"
    wanted = {"word": "two words", "times": 2.5, "big": 12345678901234567890}
    assert json.loads(call["function"]["arguments"]) == wanted
    chunks, done = events(door.chat(tools=[LOOK], stream=True))
    for chunk in chunks:
        ChatCompletionChunk.model_validate(chunk, strict=True)
    [told] = chunks[0]["choices"][0]["delta"]["tool_calls"]
    assert done and told["index"] == 0 and json.loads(told["function"]["arguments"]) == wanted
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_an_answer_that_calls_nothing_is_text(door, says):
    says("I cannot know that.")
    choice = door.chat(tools=[LOOK]).json()["choices"][0]
    assert choice["finish_reason"] == "stop" and "I cannot know that." in choice["message"]["content"]
    says("[]")
    assert door.chat(tools=[LOOK]).json()["choices"][0]["message"]["content"] == ""


def test_a_tool_that_was_not_offered_is_not_called(door, says):
    says('[{"name": "remove", "arguments": {}}]')
    message = door.chat(tools=[LOOK]).json()["choices"][0]["message"]
    assert "tool_calls" not in message and "remove" in message["content"]


def test_tools_are_shown_unless_none_may_be_called(door, speaker, says):
    says(CALL)
    door.chat(tools=[LOOK])
    assert "look(word: string)" in speaker.heard[-1].prompt
    assert door.chat(tools=[LOOK], tool_choice="none").json()["choices"][0]["message"]["content"] == CALL
    assert "look" not in speaker.heard[-1].prompt


def test_a_call_that_must_be_made_is_held_to_by_the_engine(door, speaker, says):
    says(CALL)
    for choice, callable_ in (
        ("required", ["look", "wait"]),
        ({"type": "function", "function": {"name": "look"}}, ["look"]),
    ):
        assert door.chat(tools=[LOOK, WAIT], tool_choice=choice).json()["choices"][0]["finish_reason"] == "tool_calls"
        schema = json.loads(speaker.heard[-1].schema_text)
        assert schema["minItems"] == 1
        assert [one["properties"]["name"]["const"] for one in schema["items"]["anyOf"]] == callable_


@pytest.mark.parametrize("text", ["I would rather talk.", "[]", '[{"name": "wait", "arguments": {}}]'])
def test_a_call_that_must_be_made_and_is_not_is_an_error(door, says, text):
    says(text)
    choice = {"type": "function", "function": {"name": "look"}}
    said = door.chat(tools=[LOOK, WAIT], tool_choice=choice)
    assert (said.status_code, said.json()["error"]["code"]) == (500, "no_tool_call")
    assert said.headers["x-should-retry"] == "false"


def test_a_past_call_and_its_result_are_in_the_prompt(door, speaker):
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"word": "sun"}'}}
    asked = [
        {"role": "user", "content": "What is the sun?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "a star"},
    ]
    assert door.chat(tools=[LOOK], messages=asked).status_code == 200
    assert "Result of look:\na star" in speaker.heard[-1].prompt and '"word": "sun"' in speaker.heard[-1].prompt
    broken = [{"role": "assistant", "tool_calls": [call | {"function": {"name": "look", "arguments": "{"}}]}]
    assert door.chat(tools=[LOOK], messages=broken).json()["error"]["param"] == "messages[0].tool_calls"


def test_an_answer_is_opened_and_stopped_as_it_was_measured():
    """The client gets the block whole; the engine is asked as benches ask."""
    speaker = FakeSpeaker(lambda _: "x = 1\n```\nThis sets x.")
    with open_door(responder(speaker, form=fenced("python"))) as door:
        assert door.chat().json()["choices"][0]["message"]["content"] == "```python\nx = 1\n```"
        heard = speaker.heard[-1]
        assert heard.prompt.endswith("<|im_start|>assistant\n```python\n") and heard.stop == ("\n```\n",)
        cut = door.chat(max_tokens=1).json()["choices"][0]
        assert (cut["finish_reason"], cut["message"]["content"]) == ("length", "```python\nx ")
