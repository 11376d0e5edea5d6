"""The engine behind a URL, against a server that refuses, fails, hangs and answers as it is told."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from suture.core.errors import Fault, UsageError
from suture.core.measure.attempt import EngineIdentity, FinishReason, Request, Sampling
from suture.engines.openai import ATTEMPTS, OpenAIEngine, first_model, host_of, is_here, server_url

ANSWER = {
    "choices": [{"text": "one two\n```", "finish_reason": "length"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 2},
}


class Server(ThreadingHTTPServer):
    """Answers with the statuses of ``script`` in turn, then 200; 0 hangs until the server is closed."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: list[int] = []
        self.answer: object = ANSWER
        self.seen: list[dict[str, object]] = []
        self.keys: set[str | None] = set()
        self.running = self.most = 0
        self.lock, self.closed = threading.Lock(), threading.Event()


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        reply = json.dumps({"data": [{"id": "the first"}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.seen.append(body)
            self.server.keys.add(self.headers["Authorization"])
            self.server.running += 1
            self.server.most = max(self.server.most, self.server.running)
            status = self.server.script.pop(0) if self.server.script else 200
        if not status:
            self.server.closed.wait(10)
        with self.server.lock:
            self.server.running -= 1
        reply = json.dumps(self.server.answer if status == 200 else {"error": "no"}).encode()
        self.send_response(status or 500)
        self.send_header("Content-Length", str(len(reply)))
        if status == 429:
            self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    yield server
    server.closed.set()
    server.shutdown()
    server.server_close()
    thread.join()


def ask(server: Server, *prompts: str, batch: int = 2, timeout: float = 5.0):
    url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    identity = EngineIdentity(name="openai", version="v1", threads=1, batch=batch, host=host_of(url), model="m")
    asked = [Request(prompt=prompt, stop=("\n```",), max_tokens=9) for prompt in prompts]
    engine = OpenAIEngine(url, identity, timeout=timeout, first_wait=0.001)
    try:
        return dict(engine.generate(asked, Sampling()))
    finally:
        engine.close()


def test_an_answer_is_cut_at_the_stop_string(server):
    answer = ask(server, "a")[0]
    assert (answer.text, answer.finish, answer.prompt_tokens, answer.tokens) == ("one two", FinishReason.STOP, 3, 2)
    assert server.seen[0]["prompt"] == "a"
    assert server.seen[0]["model"] == "m"
    assert server.seen[0]["stop"] == ["\n```"]


@pytest.mark.parametrize("failures", [[429], [500, 503], [429, 502, 500, 429]])
def test_what_may_pass_is_tried_again(server, failures):
    server.script = list(failures)
    assert ask(server, "a")[0].text == "one two"
    assert len(server.seen) == len(failures) + 1


def test_a_request_that_hangs_is_tried_again(server):
    server.script = [0]
    assert ask(server, "a", timeout=0.2)[0].text == "one two"


def test_a_server_that_goes_on_failing_is_a_fault(server):
    server.script = [500] * 50
    with pytest.raises(Fault, match="answered 500"):
        ask(server, "a")
    assert len(server.seen) == ATTEMPTS


@pytest.mark.parametrize(("status", "said"), [(401, "OPENAI_API_KEY"), (404, "--engine openai-chat")])
def test_what_will_not_pass_is_said_at_once(server, status, said):
    server.script = [status]
    with pytest.raises(UsageError) as caught:
        ask(server, "a")
    assert said in (caught.value.mend or "")
    assert len(server.seen) == 1


@pytest.mark.parametrize("answer", [{}, {"choices": []}, [], {"choices": [{"text": "a"}], "usage": {}}])
def test_an_answer_that_is_none_is_a_fault(server, answer):
    server.answer = answer
    with pytest.raises(Fault, match="no completion"):
        ask(server, "a")


def test_no_more_requests_than_the_batch_are_under_way(server):
    assert len(ask(server, *map(str, range(12)), batch=3)) == 12
    assert server.most <= 3


def test_the_key_comes_from_the_environment_and_stays_out_of_records(server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    ask(server, "a")
    assert server.keys == {"Bearer secret"}
    monkeypatch.setenv("OPENAI_API_KEY", "secret\n")
    ask(server, "a")
    assert server.keys == {"Bearer secret"}
    assert host_of("https://user:secret@host.example/v1") == "host.example:443"


@pytest.mark.parametrize("key", ["schlüssel", "two\nlines"])
def test_a_key_that_is_none_is_refused_without_being_shown(server, monkeypatch, key):
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(UsageError, match="no header can carry") as caught:
        ask(server, "a")
    assert key not in f"{caught.value} {caught.value.mend}"
    assert server.seen == []


def test_no_server_is_said_with_what_mends_it(monkeypatch):
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(UsageError, match="needs a server"):
        server_url(None)
    with pytest.raises(UsageError, match="is no URL"):
        server_url("host:80")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://host:1/v1/")
    assert server_url(None) == "http://host:1/v1"


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"])
def test_a_server_on_this_machine_is_never_asked_through_a_proxy(server, monkeypatch, variable):
    monkeypatch.setenv(variable, "http://127.0.0.1:9")  # discard: nothing answers there
    assert ask(server, "a")[0].text == "one two"
    assert first_model(f"http://127.0.0.1:{server.server_address[1]}/v1") == "the first"


def test_a_server_elsewhere_is_asked_through_the_proxy_of_the_environment_unless_it_is_excepted(server, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.server_address[1]}")
    assert first_model("http://models.invalid/v1") == "the first"
    monkeypatch.setenv("no_proxy", "models.invalid")
    with pytest.raises(Fault, match="does not say what models it has"):
        first_model("http://models.invalid/v1")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "localhost", "box.localhost", "::1", "0.0.0.0"])
def test_loopback_is_here(host):
    assert is_here(host)


@pytest.mark.parametrize("host", ["", "10.0.0.1", "localhost.example.org", "notlocalhost", "fe80::1", "example.org"])
def test_anything_else_is_elsewhere(host):
    assert not is_here(host)
