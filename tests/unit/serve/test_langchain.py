"""LangChain's client of OpenAI's interface, unchanged: answers, streams, tools, structured answers."""

import json

import pytest
from doors import open_door, responder
from fake_speaker import FakeSpeaker
from pydantic import BaseModel


class Weather(BaseModel):
    """Look up the weather."""

    city: str


def says(speech):
    if speech.schema_text and '"anyOf"' not in speech.schema_text:
        return '{"city": "Bern"}'
    if "Look up the weather" in str(speech.prompt):
        return '[{"name": "Weather", "arguments": {"city": "Bern"}}]'
    return "one two three"


@pytest.fixture(scope="module")
def door():
    with open_door(responder(FakeSpeaker(says))) as opened:
        yield opened


@pytest.fixture(scope="module")
def model(door):
    langchain_openai = pytest.importorskip("langchain_openai")
    return langchain_openai.ChatOpenAI(model="code", base_url=door.url, api_key="none", max_retries=0)


def test_an_answer(model):
    said = model.invoke("Hello.")
    assert said.content == "one two three" and said.response_metadata["finish_reason"] == "stop"
    assert said.usage_metadata["output_tokens"] == 3 and said.response_metadata["model_name"] == "code"


def test_a_stream(model):
    chunks = list(model.stream("Hello.", stream_usage=True))
    assert [chunk.content for chunk in chunks if chunk.content] == ["one ", "two ", "three"]
    assert sum(chunk.usage_metadata["output_tokens"] for chunk in chunks if chunk.usage_metadata) == 3


@pytest.mark.parametrize("choice", ["auto", "required", "Weather"])
def test_tools(model, choice):
    said = model.bind_tools([Weather], tool_choice=choice).invoke("Is it raining in Bern?")
    assert [(call["name"], call["args"]) for call in said.tool_calls] == [("Weather", {"city": "Bern"})]


def test_tools_in_a_stream(model):
    whole = None
    for chunk in model.bind_tools([Weather]).stream("Is it raining in Bern?"):
        whole = chunk if whole is None else whole + chunk
    assert [(call["name"], call["args"]) for call in whole.tool_calls] == [("Weather", {"city": "Bern"})]


@pytest.mark.parametrize("method", ["json_schema", "function_calling", "json_mode"])
def test_structured_answers(model, method):
    asked = model.with_structured_output(Weather, method=method)
    assert asked.invoke("Where, as JSON?") == Weather(city="Bern")


def test_turns_with_a_tools_result(model):
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

    call = {"name": "Weather", "args": {"city": "Bern"}, "id": "call_1", "type": "tool_call"}
    turns = [
        SystemMessage("Be brief."),
        HumanMessage("Is it raining in Bern?"),
        AIMessage("", tool_calls=[call]),
        ToolMessage(json.dumps({"rain": True}), tool_call_id="call_1"),
    ]
    assert model.invoke(turns).content == "one two three"
