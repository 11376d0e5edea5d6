"""llama.cpp in this process: nobody else on the machine can reach it, and several processes can have one each."""

import os
import socket
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from listening import tcp_ports

from suture.core.errors import BadFile, Fault
from suture.core.measure.attempt import EngineIdentity, Request, Sampling
from suture.engines import llamacpp_server
from suture.engines.llamacpp import LlamaCppEngine
from suture.engines.llamacpp_server import LlamaServer

OPEN_AND_ASK = """
import sys
from pathlib import Path
from suture.engines.llamacpp_server import LlamaServer
server = LlamaServer(Path(sys.argv[1]), threads=1, context=256)
print("open", server.socket.parent, flush=True)
sys.stdin.readline()
print(len(server.ask("/tokenize", {"content": "add 1 and 22"})["tokens"]), flush=True)
"""


@pytest.fixture
def server(pack):
    server = LlamaServer(pack, threads=1, context=256)
    yield server
    server.close()


@pytest.fixture
def own_temporary_directory(monkeypatch):
    """One that no other process opens a server in, as other tests do; its path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="s-", dir="/tmp") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


def test_what_listens_is_seen():
    before = tcp_ports()
    with socket.create_server(("127.0.0.1", 0)) as opened:
        assert tcp_ports() - before == {opened.getsockname()[1]}


def test_no_tcp_port_is_listened_on_while_answers_are_generated(pack):
    before = tcp_ports()
    identity = EngineIdentity(name="llamacpp", version="1", threads=1, batch=2)
    engine = LlamaCppEngine(pack, identity)
    answers = engine.generate([Request(prompt="add 1 and 22"), Request(prompt="a")], Sampling(max_tokens=20))
    next(answers)
    assert tcp_ports() == before
    answers.close()
    engine.close()


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/props"),
        ("GET", "/slots"),
        ("GET", "/metrics"),
        ("GET", "/v1/models"),
        ("GET", "/lora-adapters"),
        ("POST", "/tokenize"),
        ("POST", "/completion"),
        ("POST", "/v1/completions"),
        ("POST", "/v1/chat/completions"),
        ("POST", "/v1/embeddings"),
    ],
)
@pytest.mark.parametrize("key", [None, "", "wrong"])
def test_a_request_without_the_key_is_refused(server, verb, path, key):
    connection = llamacpp_server._UnixConnection(server.socket)
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    connection.request(verb, path, b'{"content": "a", "prompt": "a"}', headers)
    reply = connection.getresponse()
    assert reply.status == 401
    assert b"a" not in reply.read().partition(b'"tokens"')[2]
    connection.close()


def test_every_server_has_a_key_and_a_directory_of_its_own_that_only_this_user_may_enter(pack, server):
    other = LlamaServer(pack, threads=1, context=256)
    assert other.key != server.key
    assert other.socket.parent != server.socket.parent
    assert server.socket.parent.stat().st_mode & 0o777 == 0o700
    other.close()


def test_a_closed_server_leaves_nothing_behind(pack):
    server = LlamaServer(pack, threads=1, context=256)
    folder = server.socket.parent
    assert folder.is_dir()
    server.close()
    server.close()
    assert not folder.exists()


def test_it_can_be_closed_as_soon_as_it_is_open(pack):
    for _ in range(20):
        LlamaServer(pack, threads=1, context=256).close()


def test_a_pack_that_cannot_be_loaded_leaves_nothing_behind(tmp_path, monkeypatch):
    pytest.importorskip("xllamacpp")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(BadFile):
        LlamaServer(tmp_path / "missing.gguf")
    assert list(tmp_path.iterdir()) == []


def test_no_proxy_of_the_environment_is_asked(server, monkeypatch):
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")  # discard: nothing answers there
    assert server.ask("/tokenize", {"content": "add 1 and 22"})["tokens"]


def test_what_it_refuses_and_a_server_that_is_gone_are_faults(server):
    with pytest.raises(Fault, match=r"llama\.cpp refused /nowhere: 404"):
        server.ask("/nowhere", {})
    server.socket.unlink()
    with pytest.raises(Fault, match=r"llama\.cpp did not answer /props"):
        server.ask("/props")


def test_a_temporary_directory_with_a_long_path_is_not_used(pack, tmp_path, monkeypatch):
    (long := tmp_path / ("x" * 100)).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    server = LlamaServer(pack, threads=1, context=256)
    assert server.ask("/props")
    assert list(long.iterdir()) == []
    server.close()


def test_several_processes_have_a_server_each_at_once(pack):
    opened = [
        subprocess.Popen([sys.executable, "-c", OPEN_AND_ASK, pack], stdin=-1, stdout=-1, text=True) for _ in range(3)
    ]
    folders = [Path(child.stdout.readline().split()[1]) for child in opened]
    assert len(set(folders)) == 3
    answers = [child.communicate("\n")[0] for child in opened]
    assert [child.returncode for child in opened] == [0, 0, 0]
    assert len(set(answers)) == 1
    assert not any(folder.exists() for folder in folders)  # nobody closed them: the end of a process does


def test_what_a_killed_process_left_is_removed_at_the_next_start(pack, own_temporary_directory):
    environment = os.environ | {"TMPDIR": str(own_temporary_directory)}
    with closing(LlamaServer(pack, threads=1, context=256)) as server:
        child = subprocess.Popen(
            [sys.executable, "-c", OPEN_AND_ASK, pack], stdin=-1, stdout=-1, text=True, env=environment
        )
        left = Path(child.stdout.readline().split()[1])
        child.kill()
        child.communicate()
        assert left.is_dir() and left.parent == own_temporary_directory
        with closing(LlamaServer(pack, threads=1, context=256)):
            assert not left.exists()
            assert server.ask("/props")


def test_a_forked_process_does_not_take_its_parents_socket_away(server):
    if (child := os.fork()) == 0:
        try:
            server._remove_folder()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert server.ask("/props")


@pytest.mark.parametrize(("asked", "expected"), [(None, 3), (2, 2)])
def test_it_takes_no_more_threads_than_this_process_may_use(monkeypatch, asked, expected):
    xllamacpp = pytest.importorskip("xllamacpp")
    taken = []

    def server(params):
        taken.extend([params.cpuparams.n_threads, params.cpuparams_batch.n_threads])
        raise RuntimeError("not opened")

    monkeypatch.setattr(xllamacpp, "Server", server)
    monkeypatch.setattr(llamacpp_server, "usable_cores", lambda: 3)
    with pytest.raises(BadFile):
        LlamaServer(Path("any.gguf"), threads=asked)
    assert taken == [expected, expected]


STOPPED = """
import signal, sys, threading, time
from pathlib import Path
import xllamacpp
from suture.engines.llamacpp_server import LlamaServer
made = xllamacpp.Server
def slow(params):
    server = made(params)
    signal.raise_signal(getattr(signal, sys.argv[2]))
    return server
xllamacpp.Server = slow
signal.signal(signal.SIGTERM, signal.default_int_handler)
try:
    LlamaServer(Path(sys.argv[1]), threads=1, context=256)
except KeyboardInterrupt:
    print("stopped")
"""


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_stopped_while_it_loads_the_process_ends(pack, number):
    """A server that is given up before it has begun to work would be waited for, for ever."""
    done = subprocess.run(
        [sys.executable, "-c", STOPPED, pack, number], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, "stopped\n")
