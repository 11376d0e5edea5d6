"""What is sent, held against OpenAI's own types, whoever answers and however it is asked; and the door's description of
itself, from which others make requests."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from doors import CHATML, open_door, responder
from fake_speaker import FakeSpeaker
from lives import Shop, open_shop_door
from openai import BaseModel
from openai.types import Completion, Model
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from suture.router.written import WrittenRoutes
from suture.serve.chat_fields import ChatFields
from suture.serve.completion_fields import CompletionFields
from suture.serve.keys import new_key
from suture.serve.openapi import openapi_document

ADD, SUB = "def add(a, b):\n    return a + b", "def add(a, b):\n    return a - b"
QUESTION = [{"role": "user", "content": "```python\nassert add(1, 2) == 3\n```"}]
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}}
ASKED = {
    "plain": {},
    "several": {"n": 2},
    "logprobs": {"logprobs": True, "top_logprobs": 2},
    "cut": {"max_tokens": 1},
    "schema": {"response_format": SCHEMA},
    "tools": {"tools": [TOOL]},
    "required": {"tools": [TOOL], "tool_choice": "required"},
    "usage": {"stream_options": {"include_usage": True}},
}


def says(text):
    """A call where tools are offered, an object where a schema is asked for, else a program."""

    def answer(speech):
        if "look" in str(speech.prompt):
            return '[{"name": "look", "arguments": {}}]'
        return '{"a": 1}' if speech.schema_text else text

    return answer


@pytest.fixture(scope="module", params=["the specialist", "the fallback"])
def door(request, tmp_path_factory):
    """Behind a router; the specialist's program is right, or wrong so that the fallback answers."""
    shop = Shop(tmp_path_factory.mktemp("shop"))
    shop.open = lambda wanted: (FakeSpeaker(says(wanted.pack.read_text()), slots=64), CHATML)
    shop.promote("code", shop.pack(ADD if request.param == "the specialist" else SUB))
    routes = {
        "routes": [{"name": "code", "model": "code", "kind": "python", "rules": [{"contains": "assert"}]}],
        "fallback": {"model": str(shop.pack(ADD)), "name": "general"},
        "mode": "specialists-then-fallback",
    }
    with open_shop_door(shop, WrittenRoutes.model_validate(routes)) as opened:
        opened.who = "code" if request.param == "the specialist" else "general"
        yield opened


def require(kind, body):
    """It is of that type, and nothing in it is unknown to the type."""

    def unknown(one):
        if isinstance(one, BaseModel):
            yield from (one.model_extra or {})
            for value in vars(one).values():
                yield from unknown(value)
        elif isinstance(one, list):
            for value in one:
                yield from unknown(value)

    made = kind.model_validate(body, strict=True)
    assert list(unknown(made)) == []
    return made


def chunks_of(reply):
    *events, done, end = reply.text.split("\n\n")
    assert (done, end) == ("data: [DONE]", "")
    return [json.loads(event.removeprefix("data: ")) for event in events]  # without records nothing is late


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("route", ["code", "auto"])
@pytest.mark.parametrize("stream", [False, True])
def test_every_body_and_chunk_of_a_chat_is_of_the_official_types(door, stream, route, asked):
    """Stream x fallback x route, for whatever can be asked of an answer."""
    fields = {"model": route, "messages": QUESTION, "stream": stream} | ASKED[asked]
    reply = door.http.post("/v1/chat/completions", json=fields)
    assert reply.status_code == 200, reply.text
    who = "code" if asked in ("schema", "tools", "required", "cut") else door.who
    if stream:
        made = [require(ChatCompletionChunk, chunk) for chunk in chunks_of(reply)]
        finish = [one.choices[0].finish_reason for one in made if one.choices and one.choices[0].finish_reason]
        assert (made[-1].usage is not None) is (asked == "usage")
    else:
        made = [require(ChatCompletion, reply.json())]
        finish = [choice.finish_reason for choice in made[0].choices]
        assert made[0].usage is not None
    if asked == "cut":  # either may be given: neither is whole
        who = reply.headers["x-suture-model"]
    assert {one.model for one in made} == {who} == {reply.headers["x-suture-model"]}
    assert len({(one.id, one.created, one.system_fingerprint) for one in made}) == 1
    expected = {"cut": "length", "tools": "tool_calls", "required": "tool_calls"}.get(asked, "stop")
    assert finish == [expected] * ASKED[asked].get("n", 1)


@pytest.mark.parametrize(
    "asked", [{}, {"logprobs": 1}, {"echo": True}, {"n": 2}, {"prompt": ["a", "b"]}, {"prompt": [5, 6]}], ids=str
)
@pytest.mark.parametrize("stream", [False, True])
def test_every_body_and_chunk_of_a_text_is_of_the_official_types(door, stream, asked):
    fields = {"model": "code", "prompt": "def add(a, b):", "max_tokens": 4, "stream": stream} | asked
    reply = door.http.post("/v1/completions", json=fields)
    assert reply.status_code == 200, reply.text
    for body in chunks_of(reply) if stream else [reply.json()]:
        for choice in body["choices"]:  # the official type wants a finish reason in every chunk; OpenAI sends null
            choice["finish_reason"] = choice["finish_reason"] or "stop"
        require(Completion, body)


def test_models_are_of_the_official_type(door):
    for body in door.http.get("/v1/models").json()["data"]:
        body.pop("suture")
        require(Model, body)


def test_the_description_names_every_field_and_path():
    told = openapi_document("1", ["code"], keys=True)
    schemas = told["components"]["schemas"]
    for kind in (ChatFields, CompletionFields):
        assert set(schemas[kind.__name__]["properties"]) == set(kind.model_fields)
    wanted = set(_refs(told))
    assert wanted <= {f"#/components/schemas/{name}" for name in schemas}
    protected = {path for path, methods in told["paths"].items() for made in methods.values() if "security" in made}
    assert set(told["paths"]) - protected == {"/health"}


def _refs(value):
    if isinstance(value, dict):
        yield from ([value["$ref"]] if "$ref" in value else [])
        for inner in value.values():
            yield from _refs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _refs(inner)


@pytest.mark.slow
@pytest.mark.parametrize("keys", [False, True])
def test_requests_that_are_made_from_the_description_find_nothing(tmp_path, keys):
    """Schemathesis, with all its checks but one: that whatever fits the schemas is taken. Some rules are between fields
    (``top_logprobs`` needs ``logprobs``), and no schema says them."""
    program = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("needs the package schemathesis")
    key, sha256 = new_key()
    with open_door(responder(FakeSpeaker()), keys={"laptop": sha256} if keys else None) as opened:
        headers = {"authorization": f"Bearer {key}"} if keys else {}
        described = tmp_path / "openapi.json"
        described.write_text(opened.http.get("/openapi.json", headers=headers).text)
        command = [program, "run", str(described), "--url", opened.root, "--max-examples", "60", "--seed", "1"]
        command += ["--exclude-checks", "positive_data_acceptance", "--no-color"]
        if keys:  # not as a header of every request: it also asks without the key
            (tmp_path / "schemathesis.toml").write_text(f'[auth.openapi.key]\nbearer = "{key}"\n')
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-6000:]
        assert opened.door.admission.inside == 0
