"""A server's chat as an instrument: what is sent, where an answer begins, and a whole bench of one."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import suture
from suture.core.errors import Fault, StaleEvidence, UsageError
from suture.core.measure.attempt import EngineIdentity, FinishReason, Request, Sampling
from suture.core.measure.chat import AS_MESSAGES
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.task import Message
from suture.core.plan.recipe import Recipe
from suture.engines.openai_chat import OpenAIChatEngine, after_opening
from suture.loop.measuring.engine_choice import require_computed
from suture.store.home import Home
from suture.wiring.engines import TableEngines


class Server(ThreadingHTTPServer):
    """Answers a chat with what ``says`` makes of its last message."""

    def __init__(self, says) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.says, self.seen = says, []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((self.path, body))
        said = self.server.says(body["messages"][-1]["content"])
        choice = {"message": {"role": "assistant", "content": said}, "finish_reason": "stop"}
        reply = json.dumps({"choices": [choice], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def serve():
    servers: list[Server] = []

    def serve(says):
        server = Server(says)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return server

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def engine(server):
    identity = EngineIdentity(name="openai-chat", version="v1", threads=1, batch=1, host="h")
    return OpenAIChatEngine(server.url, identity, model="m")


def ask(server, opening="", content="Add."):
    prompt = AS_MESSAGES.render([Message(role="system", content="Be brief."), Message(role="user", content=content)])
    opened = engine(server)
    ((_, answer),) = opened.generate([Request(prompt=prompt + opening, stop=("\n```\n",), max_tokens=9)], Sampling())
    opened.close()
    return answer


def test_messages_are_sent_as_they_are_and_no_prompt(serve):
    server = serve(lambda said: "7")
    answer = ask(server, content='Quote: "é" and {{ braces }}')
    ((path, body),) = server.seen
    assert path == "/v1/chat/completions"
    assert body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": 'Quote: "é" and {{ braces }}'},
    ]
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("m", 9, 0)
    assert "prompt" not in body and "stop" not in body
    assert (answer.text, answer.finish, answer.tokens) == ("7", FinishReason.STOP, 2)


def test_an_answer_begins_where_the_model_opened_it(serve):
    said = "Here it is:\n```python\ndef add(a, b):\n    return a + b\n```\nThis adds.\n```python\nadd(1, 2)\n```\n"
    assert ask(serve(lambda _: said), "```python\n").text == "def add(a, b):\n    return a + b"


@pytest.mark.parametrize(
    ("said", "opening", "answer"),
    [
        ("[1]", "", "[1]"),
        ("```json\n[1]\n```", "```json\n", "[1]\n```"),
        ("So:\n```\n[1]\n```", "```json\n", "[1]\n```"),
        ("a `code` and ```json\n is no block", "```json\n", "a `code` and ```json\n is no block"),
        ("[1]", "```json\n", "[1]"),
        ("", "```json\n", ""),
    ],
)
def test_where_an_answer_begins(said, opening, answer):
    assert after_opening(said, opening) == answer


def test_a_prompt_is_refused(serve):
    with pytest.raises(UsageError, match="is asked with messages"):
        list(engine(serve(str)).generate([Request(prompt="<|im_start|>user\n")], Sampling()))


def test_a_reply_without_an_answer_is_a_fault(serve):
    server = serve(str)
    server.RequestHandlerClass = type("Empty", (Handler,), {"do_POST": _reply_of_nothing})
    with pytest.raises(Fault, match="no completion"):
        ask(server)


def _reply_of_nothing(self):
    self.rfile.read(int(self.headers["Content-Length"]))
    self.send_response(200)
    self.send_header("Content-Length", "2")
    self.end_headers()
    self.wfile.write(b"{}")


@pytest.mark.sandbox
def test_a_bench_of_a_server_s_model_is_an_instrument_of_its_own(serve, tmp_path):
    tasks = tmp_path / "tasks.jsonl"
    rows = [{"id": str(n), "kind": "text", "prompt": f"{n}+{n}?", "check": {"exact": str(2 * n)}} for n in range(4)]
    tasks.write_text("".join(json.dumps(row) + "\n" for row in rows))
    right = serve(lambda said: str(2 * int(said[0])))
    odd = serve(lambda said: str(2 * int(said[0])) if int(said[0]) % 2 else "?")

    def bench(server, model):
        choice = EngineChoice(name="openai-chat", url=server.url)
        return suture.bench(model, str(tasks), engine=choice, home=tmp_path / "home")

    first, second, elsewhere = bench(right, "qwen2.5:0.5b"), bench(right, "tuned"), bench(odd, "tuned")
    assert [board.tally().passed for board in (first, second, elsewhere)] == [4, 4, 2]
    assert {body["model"] for _, body in right.seen} == {"qwen2.5:0.5b", "tuned"}
    assert len({board.pack for board in (first, second, elsewhere)}) == 3
    assert suture.gate(first, second, policy="no-lost").lost == ()
    with pytest.raises(StaleEvidence, match="differ in their server"):
        suture.gate(second, elsewhere, policy="no-lost")


def test_a_recipe_is_refused_before_any_work():
    splits = {"repair": 0.5, "holdout": 0.5}
    written = {"name": "r", "model": "m", "base": "b.gguf", "suites": ["t.jsonl"], "splits": splits}
    recipe = Recipe.model_validate({**written, "engine": {"name": "openai-chat"}})
    with pytest.raises(UsageError, match="a repair measures packs"):
        require_computed(TableEngines(Home(Path("home"))), recipe)
