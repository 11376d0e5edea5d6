"""Clients who mean harm: memory stays, honest clients are served meanwhile, and nothing is held afterwards."""

import socket

import pytest
from doors import open_door, responder
from fake_speaker import FakeSpeaker
from hostile_clients import attacked

from suture.serve import serving


def _require_unharmed(found):
    assert found.wrong == [] and found.honest > 0
    assert (found.idle["status"], found.idle["waiting"], found.idle["speaking"]) == ("ok", 0, 0)
    assert found.files[-1] <= found.files[0] + 4
    assert found.threads[-1] <= found.threads[0] + 4


@pytest.mark.slow
def test_a_thousand_slow_clients_and_all_else_without_a_key(tmp_path):
    found = attacked(tmp_path, scale=1.0)
    _require_unharmed(found)
    assert found.resident[-1] - found.resident[1] < 8, found.resident


def test_one_connection_more_than_there_may_be_is_told_so(monkeypatch):
    monkeypatch.setattr(serving, "most_connections", lambda: 2)
    with open_door(responder(FakeSpeaker())) as door:
        held = [socket.create_connection(("127.0.0.1", door.port)) for _ in range(2)]
        with socket.create_connection(("127.0.0.1", door.port), timeout=30) as third:
            said = third.recv(1 << 16)
            assert said.startswith(b"HTTP/1.1 503") and b"retry-after: 1" in said and b'"code": "overloaded"' in said
            assert third.recv(1) == b""
        for one in held:
            one.close()


def test_what_is_no_http_is_told_so_in_the_one_shape():
    with open_door(responder(FakeSpeaker())) as door:
        for data in (b"\x16\x03\x01 hello\r\n\r\n", b"GET /health HTTP/1.1\r\n\r\n\r\nno host\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", door.port), timeout=30) as client:
                client.sendall(data)
                said = client.recv(1 << 16)
                assert said.startswith(b"HTTP/1.1 400") and b'"code": "invalid_http"' in said
                assert b"x-request-id: req_" in said
        assert door.chat().status_code == 200


def test_a_connection_is_closed_behind_a_body_that_is_too_long():
    with open_door(responder(FakeSpeaker())) as door:
        said = door.http.post("/v1/completions", content=b"a" * (5 << 20), headers={"content-type": "application/json"})
        assert (said.status_code, said.headers["connection"]) == (413, "close")
